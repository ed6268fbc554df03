internal import CacheKit
internal import TUI

extension EntriesRoom {
  func copies(in house: House) -> [Copyable] {
    guard let row = selectedRow(in: house) ?? markedRow(in: house) else { return [] }
    return copies(of: row.entry, in: house)
  }

  /// On a heading the marked rows are what is copied: any of them tells what there is to copy.
  private func markedRow(in house: House) -> EntryRow? {
    guard markCount > 1 else { return nil }
    return targets.lazy.compactMap(house.entryRow).first
  }

  func copies(of entry: Entry, in house: House) -> [Copyable] {
    let texts = [entry.kind, entry.url, entry.stem, entry.hash, entry.version, entry.archivePath]
    let isCut = (texts + [entry.archiveSHA256, entry.installedPath]).contains { $0?.isCut == true }
    let list: [Copyable?] = [
      Copyable(
        "y", "name", Format.name(kind: entry.kind, stem: entry.stem, version: entry.version)),
      Copyable("i", "id", String(entry.id)),
      Copyable("p", "path", (entry.installedPath ?? entry.archivePath).map { Format.text($0) }),
      Copyable("h", "sha256", entry.archiveSHA256.map { Format.text($0) }),
      Copyable("u", "url", entry.url.map { Format.text($0) }),
      Copyable(
        .entry(entry),
        obstacle: isCut ? "a text is too long; cachescope entry \(entry.id) --json" : nil),
      Copyable("c", "command", house.command("entry \(entry.id)")),
      Copyable("s", "SQL", Copyable.selectEntry(entry.id)),
    ]
    return list.compactMap(\.self)
  }
}
