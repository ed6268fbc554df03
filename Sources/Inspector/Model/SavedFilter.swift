internal import TUI

/// A filter with a name, which the palette offers.
package struct SavedFilter: Sendable, Hashable {
  package var name: String
  package var text: String
  /// The list that it belongs to; `nil` for whichever is shown.
  package var tab: Tab?

  /// Reads `NAME=TEXT` or `LIST:NAME=TEXT`, such as `leases:old=age>6h !pin`.
  package init?(_ argument: String) {
    guard let sign = argument.firstIndex(of: "=") else { return nil }
    var name = argument[..<sign]
    if let colon = name.firstIndex(of: ":"), let tab = Self.tab(named: name[..<colon]) {
      self.tab = tab
      name = name[name.index(after: colon)...]
    }
    self.name = Self.trimmed(name)
    text = Self.trimmed(argument[argument.index(after: sign)...])
    guard !self.name.isEmpty, self.name.count <= 40, !text.isEmpty, text.count <= 1000,
      !argument.contains(where: \.isNewline)
    else { return nil }
  }

  private static func tab(named word: Substring) -> Tab? {
    Tab.allCases.first { $0.word == word && Rooms.kind(of: $0).offers.contains(.list) }
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }

  /// Both lists; of two with the same name for the same list the second one's stays.
  package static func merge(_ first: [SavedFilter], _ second: [SavedFilter]) -> [SavedFilter] {
    first.filter { old in !second.contains { $0.name == old.name && $0.tab == old.tab } } + second
  }

  /// Chosen like any other command, but without a key.
  func binding(_ number: Int) -> Binding {
    let shown = SafeText.escape(name)
    let place = tab.map { " on \($0.title)" } ?? ""
    let filter = self
    return Binding(
      "saved-filter-\(number)", [], "filter \(shown)",
      "filter \(shown)\(place): \(SafeText.escape(text))",
      obstacle: { filter.tab != nil || $0.house.offersList ? nil : "open a list first" },
      run: { inspector, _ in inspector.apply(filter) })
  }
}

extension House {
  /// True where the room that is shown has a filter.
  fileprivate var offersList: Bool { Rooms.kind(of: tab).offers.contains(.list) }
}

extension Inspector {
  fileprivate mutating func apply(_ saved: SavedFilter) -> Effect<Work> {
    let opening = saved.tab.map { $0 == house.tab ? Effect.none : open($0) } ?? .none
    house.remember(saved.text)
    return opening + setFilter(saved.text)
  }
}
