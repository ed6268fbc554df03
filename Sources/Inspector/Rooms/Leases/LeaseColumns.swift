internal import CacheKit
internal import TUI

/// A lease with what its cells need beside the row itself.
struct LeaseCells: Sendable {
  var row: LeaseRow
  var now: Int64
  var usesUTC: Bool
  /// Where its entry would stand in GC's order.
  var rank: EvictionRank?
  /// True where there is little room: names go before kinds.
  var isCompact = false
  /// When this host booted, in seconds since the epoch.
  var bootedAt: Int64?
  var lease: Lease { row.lease }
}

enum LeaseColumns {
  typealias Listed = ListColumn<LeaseCells, LeaseToSort, LeaseSortKey>

  static let all: [Listed] = [verdict] + processes + places

  /// With less room than this one line stands for two columns of times.
  static let wideFrom = 100

  static func usual(isCompact: Bool) -> Set<String> {
    let others = isCompact ? ["acquired", "age", "ref", "user", "lru"] : ["held"]
    return Set(all.map(\.look.id)).subtracting(others)
  }

  /// The usual order: provable first, then the most bytes blocked.
  static let verdict = Listed(
    Column("verdict", "VERDICT", width: 9...9) { cells, glyphs in
      let look = cells.row.judgement.verdict.look(glyphs)
      return CellText("\(look.sign) \(look.word)", look.role)
    }
  ) { LeaseSortKey($0.row.judgement.verdict, bytes: $0.lease.entry?.bytes ?? -1) }

  private static let processes: [Listed] = [
    Listed(
      Column("pid", "PID", width: 7...7, alignment: .right) { cells, _ in
        CellText(cells.lease.id.holderPID.map(String.init) ?? "-")
      }
    ) { LeaseSortKey(number: $0.lease.id.holderPID ?? -1) },
    Listed(
      Column("user", "USER", width: 5...10, dropOrder: 7) { cells, _ in
        CellText(Format.text(cells.row.judgement.holder?.userName ?? "-"))
      }
    ) { LeaseSortKey(text: $0.row.judgement.holder?.userName ?? "") },
    Listed(
      Column("holder", "HOLDER", width: 14...44, dropOrder: 1) { cells, _ in
        CellText(holder(cells.row))
      }
    ) { LeaseSortKey(text: holder($0.row)) },
    Listed(
      Column("ref", "REF", width: 4...4, dropOrder: 2, alignment: .right) { cells, _ in
        CellText(cells.lease.refcount.map { $0.magnitude < 10_000 ? String($0) : "many" } ?? "-")
      }, descendsFirst: true
    ) { LeaseSortKey(number: $0.lease.refcount ?? -1) },
    Listed(
      Column("acquired", "ACQUIRED", width: 11...11, dropOrder: 6) { cells, _ in
        let time = Format.time(cells.lease.acquiredAt, utc: cells.usesUTC)
        return CellText(time.count == 19 ? String(time.dropFirst(5).dropLast(3)) : time)
      }, descendsFirst: true
    ) { LeaseSortKey(number: $0.lease.acquiredAt ?? .min) },
    Listed(
      Column("age", "AGE", width: 6...6, dropOrder: 3, alignment: .right) { cells, _ in
        CellText(Format.age(of: cells.lease.acquiredAt, now: cells.now))
      }, descendsFirst: true
    ) { LeaseSortKey(number: ~($0.lease.acquiredAt ?? .max)) },
    Listed(
      Column("held", "HELD", width: 12...12, dropOrder: 3) { cells, glyphs in
        let span = HeldSpan(cells.row, bootedAt: cells.bootedAt)
        let role = cells.row.judgement.verdict.look(glyphs).role
        return CellText(span.line(TimeScale(cells: 12), now: cells.now, glyphs: glyphs), role)
      }, descendsFirst: true
    ) { LeaseSortKey(number: ~($0.lease.acquiredAt ?? .max)) },
  ]

  private static let places: [Listed] = [
    Listed(
      Column("blocks", "BLOCKS", width: 7...7, dropOrder: 4, alignment: .right) { cells, _ in
        CellText(Format.bytes(cells.lease.entry?.bytes))
      }, descendsFirst: true
    ) { LeaseSortKey(number: $0.lease.entry?.bytes ?? -1) },
    Listed(
      Column("lru", "LRU", width: 5...5, dropOrder: 8, alignment: .right) { cells, _ in
        let place = cells.rank?.position
        return CellText(place.map { $0 < 100_000 ? String($0) : "many" } ?? "-", .dim)
      }
    ) { LeaseSortKey(number: $0.rank.map { Int64($0.position) } ?? .max) },
    Listed(
      Column("entry", "ENTRY", width: 18...50, cut: .middle, growOrder: 0) { cells, _ in
        CellText(cells.isCompact ? shortEntry(cells.lease) : entry(cells.lease))
      }
    ) { LeaseSortKey(text: entry($0.lease)) },
  ]

  /// Who holds, in words: the command line, or why there is none.
  static func holder(_ row: LeaseRow) -> String {
    switch row.judgement.verdict {
    case .dead: return "(gone)"
    case .pin: return "pinned by \(pinner(row))"
    case .orphan where row.judgement.holder == nil: return "(gone)"
    default: return row.judgement.holder.map { Format.text($0.command) } ?? "-"
    }
  }

  /// The user of a durable pin.
  static func pinner(_ row: LeaseRow) -> String {
    let uid = DurablePin(row.lease.id)?.uid
    let user = row.judgement.pinnedBy.map { Format.text($0) }
    return user ?? "uid \(uid.map(String.init) ?? "?")"
  }

  static func entry(_ lease: Lease) -> String {
    guard let entry = lease.entry else {
      return "entry \(lease.id.entryID.map(String.init) ?? "?") is gone"
    }
    let version = Format.version(entry.version)
    return "\(Format.text(entry.kind))/\(Format.text(entry.stem))@\(version)"
  }

  /// The entry with two letters for its kind, and without the hash of a blob.
  static func shortEntry(_ lease: Lease) -> String {
    guard let name = lease.entry else { return entry(lease) }
    let kind = name.kind?.string.flatMap(EntryKind.init(rawValue:))?.shortName ?? "??"
    let version = Format.version(name.version)
    let isHash = version.count < Format.text(name.version).count
    return "\(kind) \(Format.text(name.stem))" + (isHash ? "" : "@\(version)")
  }
}
