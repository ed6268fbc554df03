internal import CacheKit
internal import TUI

/// A lease with what its cells need beside the row itself.
struct LeaseCells: Sendable {
  var row: LeaseRow
  var now: Int64
  var usesUTC: Bool
  /// Where its entry would stand in GC's order.
  var rank: EvictionRank?
  var lease: Lease { row.lease }
}

enum LeaseColumns {
  static let all: [Column<LeaseCells>] = [
    Column("verdict", "VERDICT", width: 9...9) { cells, glyphs in
      let look = cells.row.judgement.verdict.look(glyphs)
      return CellText("\(look.sign) \(look.word)", look.role)
    },
    Column("pid", "PID", width: 7...7, alignment: .right) { cells, _ in
      CellText(cells.lease.id.holderPID.map(String.init) ?? "-")
    },
    Column("user", "USER", width: 5...10, dropOrder: 7) { cells, _ in
      CellText(Format.text(cells.row.judgement.holder?.userName ?? "-"))
    },
    Column("holder", "HOLDER", width: 16...44, dropOrder: 1) { cells, _ in
      CellText(holder(cells.row))
    },
    Column("ref", "REF", width: 4...4, dropOrder: 2, alignment: .right) { cells, _ in
      CellText(cells.lease.refcount.map { abs($0) < 10_000 ? String($0) : "many" } ?? "-")
    },
    Column("acquired", "ACQUIRED", width: 11...11, dropOrder: 6) { cells, _ in
      let time = Format.time(cells.lease.acquiredAt, utc: cells.usesUTC)
      return CellText(time.count == 19 ? String(time.dropFirst(5).dropLast(3)) : time)
    },
    Column("age", "AGE", width: 6...6, dropOrder: 3, alignment: .right) { cells, _ in
      CellText(Format.age(of: cells.lease.acquiredAt, now: cells.now))
    },
    Column("blocks", "BLOCKS", width: 8...8, dropOrder: 4, alignment: .right) { cells, _ in
      CellText(Format.size(cells.lease.entry?.bytes))
    },
    Column("lru", "LRU", width: 5...5, dropOrder: 8, alignment: .right) { cells, _ in
      CellText(cells.rank.map { $0.position < 100_000 ? String($0.position) : "many" } ?? "-", .dim)
    },
    Column("entry", "ENTRY", width: 23...80, cut: .middle) { cells, _ in
      CellText(entry(cells.lease))
    },
  ]

  /// Who holds, in words: the command line, or why there is none.
  static func holder(_ row: LeaseRow) -> String {
    switch row.judgement.verdict {
    case .dead: return "(gone)"
    case .pin:
      let uid = DurablePin(row.lease.id)?.uid
      let user = row.judgement.pinnedBy.map { Format.text($0) }
      return "pinned by \(user ?? "uid \(uid.map(String.init) ?? "?")")"
    case .orphan where row.judgement.holder == nil: return "(gone)"
    default: return row.judgement.holder.map { Format.text($0.command) } ?? "-"
    }
  }

  static func entry(_ lease: Lease) -> String {
    guard let entry = lease.entry else {
      return "entry \(lease.id.entryID.map(String.init) ?? "?") is gone"
    }
    let version = Format.version(entry.version)
    return "\(Format.text(entry.kind))/\(Format.text(entry.stem))@\(version)"
  }

  /// The entry without its version, where there is little room.
  static func entryName(_ lease: Lease) -> String {
    guard let entry = lease.entry else { return self.entry(lease) }
    return "\(Format.text(entry.kind))/\(Format.text(entry.stem))"
  }
}
