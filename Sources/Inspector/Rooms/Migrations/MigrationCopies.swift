internal import CacheKit
internal import TUI

extension MigrationsRoom {
  func copies(in house: House) -> [Copyable] {
    guard let item = selectedMigration(in: house) else { return [] }
    let list: [Copyable?] = [
      Copyable("y", "id", Format.text(item.id)),
      Copyable(.migration(item)),
      Copyable("c", "command", house.command("migrations")),
      Copyable("s", "SQL", item.statements.joined(separator: ";\n")),
    ]
    return list.compactMap(\.self)
  }
}
