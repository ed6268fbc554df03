/// The name of a room: its number is its key, its title the words beside it and in saved state.
///
/// Each room declares its own; numbers never change, whichever rooms there are.
package struct Tab: Sendable, Hashable {
  package let number: Int
  package let title: String

  package init(_ number: Int, _ title: String) {
    self.number = number
    self.title = title
  }

  /// In the order of the list of rooms.
  package static let allCases: [Tab] = Rooms.all.map { $0.tab }

  /// The word in files and arguments: `leases`.
  package var word: String { title.lowercased() }

  package func neighbour(_ step: Int) -> Tab {
    let all = Tab.allCases
    guard let place = all.firstIndex(of: self) else { return self }
    return all[(place + step + all.count) % all.count]
  }
}
