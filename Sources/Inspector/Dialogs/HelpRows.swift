internal import TUI

/// A line of help or palette that can be reached: a command, or what a mark means.
enum HelpRow: Sendable {
  case binding(Binding)
  case sign(LegendLine)
}

/// Lines under one heading; the palette has a single part without one.
struct HelpPart: Sendable {
  var title: String
  var rows: [HelpRow]
}

extension Inspector {
  /// What the help lists, by screen: the one that is shown first, then what all have in common, then the
  /// others.
  func helpParts(_ search: String) -> [HelpPart] {
    let tabs = [house.tab] + Tab.allCases.filter { $0 != house.tab }
    var parts = [ownKeys(of: house.tab)] + commonParts
    parts += [ownMarks(of: house.tab)]
    parts.append(HelpPart(title: "Marks", rows: Legend.common(glyphs).map { .sign($0) }))
    parts += tabs.dropFirst().flatMap { [ownKeys(of: $0), ownMarks(of: $0)] }
    let words = search.lowercased().split(separator: " ")
    guard !words.isEmpty else { return parts.filter { !$0.rows.isEmpty } }
    return parts.compactMap { part in
      let rows = part.rows.filter { row in
        let text = "\(part.title) \(self.text(of: row))".lowercased()
        return words.allSatisfy { text.contains($0) }
      }
      return rows.isEmpty ? nil : HelpPart(title: part.title, rows: rows)
    }
  }

  /// The keys of one screen alone.
  private func ownKeys(of tab: Tab) -> HelpPart {
    let keys = offered.filter { $0.tabs == [tab] }
    let tasks = house.areTasksFocused && tab == house.tab ? Binding.taskBindings : []
    return HelpPart(title: tab.title, rows: (tasks + keys).map { .binding($0) })
  }

  private func ownMarks(of tab: Tab) -> HelpPart {
    let marks = Rooms.kind(of: tab).legend(glyphs)
    return HelpPart(title: "Marks on \(tab.title)", rows: marks.map { .sign($0) })
  }

  private var commonParts: [HelpPart] {
    let inLists = Set(Binding.listBindings.map(\.id))
    let common = offered.filter { $0.tabs?.count != 1 && $0.isValid(on: house.tab) }
    let lists = common.filter { inLists.contains($0.id) }
    return [
      HelpPart(title: "Lists", rows: lists.filter { $0.tabs != nil }.map { .binding($0) }),
      HelpPart(title: "Moving", rows: lists.filter { $0.tabs == nil }.map { .binding($0) }),
      HelpPart(
        title: "Everywhere",
        rows: common.filter { !inLists.contains($0.id) }
          .map { .binding($0) }),
    ]
  }

  private var offered: [Binding] { Binding.all.filter { $0.isOffered(self) } }

  private func text(of row: HelpRow) -> String {
    switch row {
    case .binding(let binding): "\(binding.keyNames) \(binding.words) \(binding.help)"
    case .sign(let line): "\(line.sign) \(line.words)"
    }
  }

  // MARK: Palette
  /// Every command of every screen, the best match first.
  func paletteBindings(_ search: String) -> [Binding] {
    let saved = house.settings.savedFilters.enumerated().map { $1.binding($0) }
    let here = Binding.valid(in: self)
    let others = Binding.all.filter { !$0.isValid(on: house.tab) }
    let all = saved + (here + others).filter { $0.isOffered(self) }
    let scored = all.enumerated().compactMap { place, binding in
      // The screen is found, too, but no letters of its name between others.
      Match.score(
        search, words: binding.words,
        help: "\(elsewhere(binding)?.title ?? house.tab.title): \(binding.help)"
      )
      .map { (binding: binding, score: $0, place: place) }
    }
    return scored.sorted { ($1.score, $0.place) < ($0.score, $1.place) }.map(\.binding)
  }

  /// `release…`, or `Leases: release…` for what belongs to another screen.
  func name(of binding: Binding) -> String {
    let words = words(binding)
    return elsewhere(binding).map { "\($0.title): \(words)" } ?? words
  }

  /// The screen of a binding that means nothing on this one.
  func elsewhere(_ binding: Binding) -> Tab? {
    guard !binding.isValid(on: house.tab), !(house.areTasksFocused && binding.id == "cancel-task")
    else {
      return nil
    }
    return Tab.allCases.first { binding.isValid(on: $0) }
  }
}
