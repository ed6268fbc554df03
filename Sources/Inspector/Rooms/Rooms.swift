internal import CacheKit

/// The list of rooms: one line each, in the order of the tabs.
enum Rooms {
  static let all: [any Room.Type] = [
    OverviewRoom.self,
    EntriesRoom.self,
    LeasesRoom.self,
    MigrationsRoom.self,
    LinksRoom.self,
    GCRoom.self,
    HostRoom.self,
  ]

  /// Where a room stands in the list.
  static func index(of tab: Tab) -> Int {
    guard let index = all.firstIndex(where: { $0.tab == tab }) else {
      preconditionFailure("no room in the list has the tab \(tab.title)")
    }
    return index
  }

  static func kind(of tab: Tab) -> any Room.Type { all[index(of: tab)] }

  /// The tabs whose rooms offer something.
  static func tabs(with offer: Offers) -> Set<Tab> {
    Set(all.filter { $0.offers.contains(offer) }.map { $0.tab })
  }

  /// Where the rows of a finding are; `nil` where it speaks of no row.
  static func tab(of rows: Finding.Place.Rows) -> Tab? {
    all.first { $0.findings == rows }?.tab
  }
}
