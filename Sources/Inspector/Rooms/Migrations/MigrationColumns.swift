internal import CacheKit
internal import TUI

extension MigrationStatus.State {
  func look(_ glyphs: Glyphs) -> (sign: String, word: String, role: Role) {
    switch self {
    case .applied: (glyphs.ok, "applied", .ok)
    case .pending: (glyphs.warn, "PENDING", .warn)
    case .unknown: (glyphs.unknown, "UNKNOWN", .unknown)
    case .damaged: (glyphs.bad, "DAMAGED", .bad)
    case .unrecorded: (glyphs.ok, "unrecorded", .ok)
    }
  }

  /// False where the schema is as it should be, whoever recorded it.
  var needsAttention: Bool { self != .applied && self != .unrecorded }

  var meaning: String {
    switch self {
    case .applied: "recorded, and its effect is there"
    case .pending: "has not run on this index"
    case .unknown:
      "recorded by a newer program: the index is read-only here"
    case .damaged: "recorded, but its effect is missing; migrating brings it back"
    case .unrecorded: "its effect is there, only the record is missing"
    }
  }
}

struct MigrationCells: Sendable {
  var item: MigrationStatus.Item
  var usesUTC: Bool
}

enum MigrationColumns {
  static let all: [Column<MigrationCells>] = [
    Column("state", "STATE", width: 12...12) { cells, glyphs in
      let look = cells.item.state.look(glyphs)
      return CellText("\(look.sign) \(look.word)", look.role)
    },
    Column("id", "ID", width: 25...36, cut: .middle) { cells, _ in
      CellText(Format.text(cells.item.id))
    },
    Column("applied", "APPLIED", width: 19...19, dropOrder: 2) { cells, _ in
      CellText(Format.time(cells.item.appliedAt, utc: cells.usesUTC))
    },
    Column("does", "WHAT IT DOES", width: 16...80, dropOrder: 1) { cells, _ in
      CellText(Format.text(cells.item.summary ?? "this version does not know it"))
    },
  ]
}
