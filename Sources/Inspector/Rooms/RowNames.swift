internal import CacheKit
internal import TUI

// The name of a row from one run to the next.
extension RoomList {
  func rowName(_ id: RowID) -> String? { nil }
  func row(named name: String) -> RowID? { nil }

  var keptRow: String? { table.kept.flatMap(rowName) }

  mutating func awaitRow(_ name: String) {
    if let id = row(named: name) { table.await(id) }
  }
}

extension RoomList where RowID == String {
  func rowName(_ id: String) -> String? { id }
  func row(named name: String) -> String? { name }
}

extension RoomList where RowID == Int64 {
  func rowName(_ id: Int64) -> String? { String(id) }
  func row(named name: String) -> Int64? { Int64(name) }
}

extension RoomList where RowID == LeaseRow.ID {
  func rowName(_ id: LeaseRow.ID) -> String? { "\(id.name) \(id.rowID)" }

  func row(named name: String) -> LeaseRow.ID? {
    let parts = name.split(separator: " ")
    guard parts.count == 2, let lease = LeaseID(String(parts[0])), let row = Int64(parts[1]) else {
      return nil
    }
    return LeaseRow.ID(name: lease, rowID: row)
  }
}
