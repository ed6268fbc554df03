internal import CacheKit
internal import TUI

/// One screen of the inspector: a folder with one value of this kind, and a line in `Rooms.all`.
///
/// Head, footer, palette, help, problems and saved state know a room by these requirements alone; all
/// but a few have a meaning for rooms that say nothing. A room changes itself and the house it stands
/// in, never another room: it sends a person there by `House.go`.
protocol Room: RoomUpdate, RoomList, RoomView {
  static var tab: Tab { get }
  static var offers: Offers { get }
  /// The findings whose rows are here; `nil` for none.
  static var findings: Finding.Place.Rows? { get }
  /// Its own keys, in the order of footer, help and palette.
  static var bindings: [Binding] { get }
  /// Its short marks, for the help.
  static func legend(_ glyphs: Glyphs) -> [LegendLine]
  /// Jobs of its own that a person waits for: they stand in the strip, and leaving asks about them.
  static var tasks: Set<JobID> { get }
  /// Rows of the details where they stand below the list.
  static var detailRows: Int { get }

  init(_ settings: Settings)

  /// What stands behind the title in the tabs: ` 41 !3`, or nothing.
  func count(in house: House) -> String
  /// The line above the list.
  func status(in house: House) -> (left: String, right: String)
}

/// What a room has beside a list of rows.
struct Offers: OptionSet, Sendable {
  let rawValue: Int

  /// Marks, a filter, a search and an order that people choose.
  static let list = Offers(rawValue: 1)
  /// A search alone: every row stays in sight.
  static let search = Offers(rawValue: 16)
  /// A pane that tells of the row under the cursor.
  static let details = Offers(rawValue: 2)
  /// A folder in which a shell can be opened.
  static let shell = Offers(rawValue: 4)
  /// Bars of the budgets: the tabs need not show them.
  static let budgets = Offers(rawValue: 8)
}

extension Room {
  static var findings: Finding.Place.Rows? { nil }
  static var tasks: Set<JobID> { [] }
  static func legend(_ glyphs: Glyphs) -> [LegendLine] { [] }
  static var detailRows: Int { 7 }

  func count(in house: House) -> String { "" }
  func status(in house: House) -> (left: String, right: String) { ("", "") }

  static func isShown(in house: House) -> Bool { house.tab == tab }
}
