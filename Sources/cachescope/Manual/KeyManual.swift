import Inspector

/// cachescope-keys(7): every key of the inspector, from the table that dispatches them.
enum KeyManual {
  static func page() -> String {
    var page = Roff("cachescope-keys", section: 7, title: "Keys of cachescope")
    page.section("Name")
    page.body("cachescope-keys - the keys of the inspector of cachescope")
    page.section("Description")
    page.body(
      """
      Without a verb, cachescope opens its inspector. The key ? lists what works on the screen that is \
      seen, the key : finds any command by its name. What changes the cache asks first.
      """)
    for group in groups() {
      page.section(group.title)
      if let note = group.note { page.paragraph(note) }
      for binding in group.bindings { page.item(binding.keyNames, sentence(binding)) }
    }
    page.section("See also")
    page.body("cachescope(1)")
    return page.text
  }

  private struct Group {
    var title: String
    var note: String?
    var bindings: [Binding]
  }

  /// Keys of all screens, of some, of each one, and of the strip of tasks.
  private static func groups() -> [Group] {
    let all = Binding.all
    let some = Dictionary(grouping: all.filter { ($0.tabs?.count ?? 0) > 1 }) { $0.tabs ?? [] }
    var groups = [
      Group(title: "On every screen", bindings: all.filter { $0.tabs == nil })
    ]
    let shared = some.sorted { left, right in
      (right.key.count, titles(left.key)) < (left.key.count, titles(right.key))
    }
    for (tabs, bindings) in shared {
      groups.append(Group(title: "On some screens", note: titles(tabs), bindings: bindings))
    }
    for tab in Tab.allCases {
      let own = all.filter { $0.tabs == [tab] }
      if !own.isEmpty { groups.append(Group(title: "On \(tab.title)", bindings: own)) }
    }
    groups.append(
      Group(title: "While the keys go to the tasks", bindings: Binding.taskBindings))
    return groups
  }

  private static func titles(_ tabs: Set<Tab>) -> String {
    let names = Tab.allCases.filter(tabs.contains).map(\.title)
    return names.joined(separator: ", ") + ":"
  }

  private static func sentence(_ binding: Binding) -> String {
    binding.help + (binding.isChange ? " (a change)" : "")
  }
}
