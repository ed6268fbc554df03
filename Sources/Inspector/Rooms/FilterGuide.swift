internal import CacheKit
internal import TUI

/// What the filter of a list understands: for its help, and for Tab.
struct FilterGuide: Sendable {
  /// `nil` where there is no filter.
  var fields: FilterFields?
  /// Words that mean more than themselves.
  var words: [(word: String, meaning: String)] = []
  /// The values that a field can have, where they are known.
  var values: [String: [String]] = [:]

  // MARK: Tab
  /// What the end of a line can become, in order; nothing for what begins no field and no word.
  func completions(of term: String) -> [String] {
    let isNegated = term.hasPrefix("!")
    let typed = (isNegated ? term.dropFirst() : term[...]).lowercased()
    guard !typed.isEmpty || isNegated else { return [] }
    return candidates(typed).map { (isNegated ? "!" : "") + $0 }
  }

  private func candidates(_ typed: String) -> [String] {
    if let (field, sign, value) = FilterFields.split(typed) {
      guard sign == "=", let known = values[field] else { return [] }
      return known.filter { $0.hasPrefix(value) }.map { "\(field):\($0)" }
    }
    let names = (fields?.known ?? []).map { name, takes in
      name + (takes == FilterFields.age || takes == FilterFields.size ? ">" : ":")
    }
    return (names + words.map(\.word)).filter { $0.hasPrefix(typed) }.sorted()
  }

  static func commonPrefix(_ texts: [String]) -> String {
    guard let first = texts.first else { return "" }
    return texts.dropFirst().reduce(first) { common, text in
      String(zip(common, text).prefix { $0 == $1 }.map(\.0))
    }
  }

  // MARK: Help
  private var lines: [(form: String, meaning: String)] {
    let known = fields?.known ?? []
    let texts = known.filter { $0.takes == nil }.map { "\($0.name):" }
    var lines: [(String, String)] = [
      ("word", "in any text; several words must all match"),
      ("!word", "must not match; works before a field, too"),
      ("/regex/", "a regular expression; case does not matter"),
    ]
    if !texts.isEmpty { lines.append(("FIELD:TEXT", texts.joined(separator: " "))) }
    for takes in [FilterFields.number, FilterFields.size, FilterFields.age] {
      let names = known.filter { $0.takes == takes }.map(\.name)
      guard !names.isEmpty else { continue }
      lines.append((names.joined(separator: " "), "\(takes), behind : < > <= >="))
    }
    lines += values.sorted { $0.key < $1.key }.map {
      ("\($0.key):", $0.value.joined(separator: " "))
    }
    return lines + words.map { ($0.word, $0.meaning) }
  }

  /// Right above the line that is typed in; `top` lines are scrolled away.
  func draw(above bottom: Int, title: String, top: Int, frame: inout Frame) {
    let width = min(frame.size.columns, 78)
    let form = min(18, width / 3)
    let text = lines.flatMap { line in
      let forms = TextCut.wrap(line.form, to: form)
      let meanings = TextCut.wrap(line.meaning, to: max(8, width - form - 6))
      return (0..<max(forms.count, meanings.count)).map { row in
        (
          forms.indices.contains(row) ? forms[row] : "",
          meanings.indices.contains(row) ? meanings[row] : ""
        )
      }
    }
    let height = min(bottom, text.count + 2)
    guard height > 2 else { return }
    let box = Rect(x: 0, y: bottom - height, width: width, height: height)
    Panel.draw(box, title: "Filter of \(title)", frame: &frame)
    let first = max(0, min(top, text.count - height + 2))
    if height - 2 < text.count {
      let place = " \(first + height - 2)/\(text.count) PgDn "
      frame.put(place, x: box.maxX - place.count - 1, y: box.y, style: .dim)
    }
    for (row, line) in text.dropFirst(first).prefix(height - 2).enumerated() {
      let y = box.y + 1 + row
      frame.put(line.0, x: box.x + 2, y: y, width: form, style: .strong)
      frame.put(line.1, x: box.x + form + 4, y: y, width: max(0, width - form - 6))
    }
  }
}

extension RoomList {
  var filterGuide: FilterGuide { FilterGuide() }
}

extension EntriesRoom {
  var filterGuide: FilterGuide {
    FilterGuide(
      fields: EntryFilter.fields,
      words: [
        ("held", "a lease or a pin is on it"), ("leased", "a lease is on it"),
        ("pinned", "its pin count is not 0"),
        ("problem", "something is wrong with its row"),
      ],
      values: [
        "kind": EntryKind.allCases.map(\.rawValue), "phase": CachePhase.allCases.map(\.rawValue),
      ])
  }
}

extension LeasesRoom {
  var filterGuide: FilterGuide {
    FilterGuide(
      fields: LeaseFilter.fields,
      words: [
        ("problem", "neither alive nor a pin, or its row is wrong"),
        ("stuck", "its holder is provably gone"),
      ],
      values: [
        "verdict": LeaseVerdict.allCases.map(\.rawValue),
        "kind": EntryKind.allCases.map(\.rawValue),
      ])
  }
}

extension LinksRoom {
  var filterGuide: FilterGuide {
    FilterGuide(
      fields: LinkFilter.fields,
      words: [
        ("dup", "another pointer has the same bytes"), ("fetchable", "`f` would fetch it"),
        ("problem", "not in the cache as the pointer says"),
      ], values: ["state": LinkItem.State.allCases.map(\.rawValue)])
  }
}
