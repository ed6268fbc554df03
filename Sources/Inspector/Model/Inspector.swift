internal import CacheKit
package import TUI

/// The inspector as a value: a house, and the rooms in it.
package struct Inspector: Program {
  var house: House
  private(set) var rooms: [any Room]
  /// The rooms that Enter led away from, the last one at the end.
  var trail: [Step] = []

  package init(settings: Settings) {
    house = House(settings)
    rooms = Rooms.all.map { $0.init(settings) }
    restore(settings.state)
  }

  package var palette: Palette { house.palette }
  package var glyphs: Glyphs { house.glyphs }

  // MARK: Rooms
  /// The room that is shown.
  var room: any Room { rooms[Rooms.index(of: house.tab)] }

  /// Gives a turn to the room that is shown, then carries out what it wishes.
  mutating func withRoom<T>(_ body: (inout any Room, inout House) -> T) -> T {
    body(&rooms[Rooms.index(of: house.tab)], &house)
  }

  mutating func withEachRoom(
    _ body: (inout any Room, inout House) -> Effect<Work>
  ) -> Effect<Work> {
    rooms.indices.reduce(Effect<Work>.none) { $0 + body(&rooms[$1], &house) }
  }

  /// One of the rooms, as it is.
  func room<R: Room>(_ kind: R.Type) -> R {
    guard let room = rooms[Rooms.index(of: R.tab)] as? R else {
      preconditionFailure("the room behind \(R.tab.title) is another one")
    }
    return room
  }

  /// Gives a turn to one of the rooms.
  mutating func with<R: Room, T>(_ kind: R.Type, _ body: (inout R, inout House) -> T) -> T {
    var room = room(kind)
    let index = Rooms.index(of: R.tab)
    // The list lets go of the room meanwhile, so that no list of a million rows is copied.
    rooms[index] = R(house.settings)
    defer { rooms[index] = room }
    return body(&room, &house)
  }
}
