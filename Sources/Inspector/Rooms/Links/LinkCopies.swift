internal import CacheKit
internal import TUI

extension LinksRoom {
  func copies(in house: House) -> [Copyable] {
    selectedRow.map { copies(of: $0, in: house) } ?? []
  }

  func copies(of row: LinkRow, in house: House) -> [Copyable] {
    let list: [Copyable?] = [
      Copyable("y", "pointer", Format.path(row.item.path)),
      Copyable("i", "entry id", row.item.entry.map { String($0.id) }),
      Copyable("p", "blob path", row.item.blob.map { Format.path($0) }),
      Copyable("h", "sha256", row.item.link?.sha256),
      Copyable("a", "actual sha256", row.item.check?.sha256),
      Copyable("u", "url", row.item.link.map { Format.text($0.url) }),
      Copyable(.link(row.item)),
      Copyable("c", "command", fetchCommand([row.id], in: house)),
      Copyable("s", "SQL", row.item.entry.map { Copyable.selectEntry($0.id) }),
    ]
    return list.compactMap(\.self)
  }
}
