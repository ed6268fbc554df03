internal import CacheKit
internal import TUI

/// A row of the plan with what its cells need beside the row itself.
struct GCCells: Sendable {
  var item: GCList.Item
  /// `nil` while it is read.
  var entry: Entry?
  /// Of the lease that holds it.
  var verdict: LeaseVerdict?
  /// False where nobody looked at the disk.
  var isProbed: Bool
  var now: Int64

  var step: CollectionPlan.Step? { if case .step(_, let step) = item { step } else { nil } }

  var id: Int64 {
    switch item {
    case .step(_, let step): step.entryID
    case .kept(let kept): kept.entryID
    }
  }
}

enum GCColumns {
  static let all: [Column<GCCells>] = [
    Column("number", "#", width: 4...5, dropOrder: 2, alignment: .right) { cells, _ in
      guard case .step(let number?, _) = cells.item else { return CellText("-", .dim) }
      return CellText(String(number))
    },
    Column("action", "ACTION", width: 15...15) { cells, glyphs in action(cells, glyphs) },
    Column("frees", "FREES", width: 8...8, alignment: .right) { cells, _ in
      CellText(Format.size(bytes(cells)))
    },
    Column("last-used", "LAST USED", width: 10...10, dropOrder: 3, alignment: .right) { cells, _ in
      CellText(lastUsed(cells))
    },
    Column("price", "TO GET IT BACK", width: 14...44, dropOrder: 1) { cells, _ in price(cells) },
    Column("entry", "ENTRY", width: 22...60, cut: .middle, growOrder: 0) { cells, _ in
      CellText(name(cells))
    },
  ]

  /// What becomes free; of what stays, and where nobody looked, what the index says.
  static func bytes(_ cells: GCCells) -> Int64? {
    switch cells.item {
    case .step(_, let step):
      (step.isTaken || step.isLeftOut) && cells.isProbed
        ? Int64(clamping: step.files.reclaimable) : step.bytes
    case .kept(let kept): kept.phase == nil ? nil : Int64(clamping: kept.bytes)
    }
  }

  private static func action(_ cells: GCCells, _ glyphs: Glyphs) -> CellText {
    switch cells.item {
    case .step(_, let step) where step.isLeftOut: return CellText("skipped", .dim)
    case .step(_, let step) where !step.isTaken: return CellText("ours leaves it", .warn)
    case .step(_, let step):
      return CellText(step.phase == .archive ? "delete archive" : "delete tree")
    case .kept(let kept):
      let title = kept.reason.title
      guard let look = cells.verdict?.look(glyphs) else {
        return CellText(title, kept.reason.isBlocking ? .warn : .dim)
      }
      return CellText("lease \(look.sign) \(look.word)", look.role)
    }
  }

  private static func lastUsed(_ cells: GCCells) -> String {
    let age = Format.age(of: cells.entry?.lastUsedAt, now: cells.now)
    return age == "-" || age == "future" ? age : "\(age) ago"
  }

  private static func price(_ cells: GCCells) -> CellText {
    switch cells.item {
    case .step(_, let step) where step.isTaken: CellText(step.price.rawValue)
    case .step(_, let step): CellText(Format.text(step.refused ?? ""), .dim)
    case .kept(let kept): CellText(Format.text(kept.reason.words), .dim)
    }
  }

  static func name(_ cells: GCCells) -> String {
    if let entry = cells.entry {
      let version = Format.version(entry.version)
      return "\(Format.text(entry.kind))/\(Format.text(entry.stem))@\(version)"
    }
    guard let step = cells.step, step.kind != nil else { return "#\(cells.id)" }
    return "\(Format.text(step.kind))/\(Format.text(step.stem))@\(Format.version(step.version))"
  }
}
