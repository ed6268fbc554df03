internal import CacheKit
internal import TUI

extension LeasesRoom {
  func copies(in house: House) -> [Copyable] {
    selectedRow.map { copies(of: $0, in: house) } ?? []
  }

  func copies(of row: LeaseRow, in house: House) -> [Copyable] {
    let list: [Copyable?] = [
      Copyable("y", "lease", row.lease.id.description),
      Copyable("i", "entry id", row.lease.id.entryID.map(String.init)),
      Copyable("p", "path", of: row.lease, \.path),
      Copyable("h", "sha256", of: row.lease, \.sha256),
      Copyable("u", "url", of: row.lease, \.url),
      Copyable("e", "evidence", Format.text(row.judgement.evidence)),
      Copyable(.lease(JudgedLease(lease: row.lease, judgement: row.judgement))),
      Copyable("c", "command", releaseCommand(row, in: house)),
      Copyable("s", "SQL", Self.select(row.lease)),
      Copyable("r", "report", report(row, in: house)),
    ]
    return list.compactMap(\.self)
  }

  func releaseCommand(_ row: LeaseRow, in house: House) -> String? {
    Change.release([row.lease], force: !row.judgement.verdict.isProvablyStuck)
      .commands(cacheOption: house.settings.cacheOption).first
  }

  private static func select(_ lease: Lease) -> String {
    guard let entry = lease.id.entryID, let pid = lease.id.holderPID, let nonce = lease.id.nonce
    else { return "SELECT * FROM leases WHERE rowid = \(lease.rowID);" }
    return "SELECT * FROM leases WHERE entry_id = \(entry) AND holder_pid = \(pid) "
      + "AND holder_nonce = \(Int64(bitPattern: nonce));"
  }
}
