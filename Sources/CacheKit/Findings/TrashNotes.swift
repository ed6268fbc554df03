import SystemPackage

/// What collections and evictions left in the trash: kept to be put back, or by a run that ended early.
enum TrashNotes {
  static func findings(_ location: CacheLocation, now: Int64) -> [Finding] {
    let trash = location.root.appending(".cachescope-trash")
    guard FileStatus(unfollowed: trash) != nil, let root = JailedRoot(location) else { return [] }
    let runs = TrashSweep(root: root, now: now).runs()
    let kept = runs.filter { $0.until > now }
    return [note(kept), note(leftBy: runs.count - kept.count)].compactMap(\.self)
  }

  private static func note(_ kept: [TrashSweep.Run]) -> Finding? {
    guard let last = kept.last else { return nil }
    let end = ClockText(zone: .local).time(Double(last.until))
    return Finding(
      "trash_kept", .info, Finding.count(kept.count, "run"),
      "what GC or an eviction of ours took can be put back", impact: "disk space, until \(end)",
      at: .init(.cache), fix: .init(["undo"], .asks))
  }

  private static func note(leftBy count: Int) -> Finding? {
    guard count > 0 else { return nil }
    return Finding(
      "trash_left", .info, Finding.count(count, "run"),
      "trash whose time is over, or of an eviction that ended early, or is at work",
      impact: "the next change removes it",
      at: .init(.cache))
  }
}
