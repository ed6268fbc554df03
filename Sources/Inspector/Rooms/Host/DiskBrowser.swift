internal import CacheKit
internal import TUI

/// Where a person is in the map of the disk, as in ncdu: one level at a time.
struct DiskBrowser: Sendable {
  /// What was added up last; kept until somebody asks again.
  var map: DiskMap?
  /// True where a level is shown in place of the list.
  var isOpen = false
  /// The folder whose level is shown; `nil` for the roots.
  var folder: Int?
  /// How far a walk is that runs.
  var progress: DiskProgress?
  /// The tables of the levels above, for the cursor; first that of the list.
  var above: [TableState<HostRow.ID>] = []

  /// The rows of the level, each with what the level takes.
  var rows: [HostRow] {
    let items = map?.items(in: folder) ?? []
    let total = items.reduce(UInt64(0)) { $0 + min($1.bytes, .max - $0) }
    return items.map { .disk($0, of: total) }
  }

  func status(in house: House) -> (left: String, right: String) {
    if house.running[HostWork.diskJob] != nil { return (progress.words, "Esc cancels") }
    guard let map else { return ("nothing was added up", "b adds up") }
    let item = folder.flatMap { map.item(of: $0) }
    let place = item.map { Format.text($0.path) } ?? "all of it"
    let bytes = item?.bytes ?? map.total
    let rest =
      (map.isComplete ? "" : " \(house.glyphs.dot) some could not be read")
      + (map.rowsProblem == nil
        ? "" : " \(house.glyphs.dot) without entries: the index cannot be read")
    let age = Format.age(max(0, house.ageNow - map.takenAt))
    return (
      "\(Format.size(Int64(clamping: bytes)))  \(place)\(rest)",
      "\(age) old \(house.glyphs.dot) b again"
    )
  }
}

extension DiskProgress? {
  var words: String {
    guard let seen = self else { return "adding up the disk" }
    let folders = Format.count(Int(clamping: seen.folders), "folder")
    let files = Format.count(Int(clamping: seen.files), "file")
    return "adding up: \(folders), \(files), \(Format.size(Int64(clamping: seen.bytes)))"
  }
}

extension HostRoom {
  /// `b`: the level that was left, and the first time, or while it is shown, a new walk.
  mutating func openDisk(in house: inout House) -> Effect<Work> {
    let isAgain = disk.isOpen
    if !disk.isOpen {
      disk.isOpen = true
      disk.above = [table]
      disk.folder = nil
      table = TableState()
      show(disk.rows)
    }
    guard isAgain || disk.map == nil else { return .none }
    guard house.running[HostWork.diskJob] == nil else { return .none }
    disk.progress = nil
    return house.start(.host(.disk(LinkRoot(house.settings.project))))
  }

  /// The same folder of a new map, where it is still there.
  mutating func take(_ map: DiskMap) {
    let path = disk.folder.flatMap { disk.map?.item(of: $0)?.path }
    let depth = disk.above.count
    disk.map = map
    disk.progress = nil
    disk.folder = path.flatMap { map.folder(at: $0) }
    guard disk.isOpen else { return }
    if disk.folder == nil, depth > 1 {
      disk.above = Array(disk.above.prefix(1))
      table = TableState()
    }
    // Numbers of another map mean other folders: the cursors above would lie.
    disk.above = disk.above.prefix(1) + disk.above.dropFirst().map { _ in TableState() }
    table = TableState()
    show(disk.rows)
  }

  /// True where the row under the cursor is a folder, which is shown then.
  mutating func enterFolder() -> Bool {
    guard disk.isOpen, case .disk(let item, _)? = row(table.selected), item.kind == .folder else {
      return false
    }
    disk.above.append(table)
    disk.folder = item.id
    table = TableState()
    show(disk.rows)
    return true
  }

  /// Esc: ends the walk, else goes a level up, and from the roots back to the list.
  mutating func stepOut(in house: inout House) -> Effect<Work>? {
    guard disk.isOpen else { return nil }
    if house.running[HostWork.diskJob] != nil {
      house.say("cancelled: the disk is not added up", .warn)
      if disk.map == nil { closeDisk() }
      return .cancel(HostWork.diskJob)
    }
    guard let folder = disk.folder else {
      closeDisk()
      return .some(.none)
    }
    disk.folder = disk.map?.folder(of: folder)
    let before = disk.above.popLast() ?? TableState()
    table = before
    show(disk.rows)
    if before.ids.isEmpty { table.select("disk \(folder)") }
    return .some(.none)
  }

  mutating func closeDisk() {
    let list = disk.above.first ?? TableState()
    disk.isOpen = false
    disk.above = []
    table = list
    showList()
  }

  func progress(of job: JobID, in house: House) -> String? {
    job == HostWork.diskJob ? disk.progress.words : nil
  }

  func task(of job: JobID, since: Moment, in house: House) -> String? {
    progress(of: job, in: house)
  }
}
