internal import CacheKit
internal import SystemPackage

// What the screens get where a snapshot is looked at: what was recorded, and nothing of this host.
extension CacheService {
  func recordedFacts(_ recorded: RecordedCache) -> CacheFacts {
    let around = recorded.surroundings
    var facts = CacheFacts(
      root: recorded.location.root.readable, reason: recorded.location.reason.description,
      readOnlyReason: "this is a \(recorded.origin.title)", fileSystem: around.fileSystem.name,
      indexBytes: around.indexBytes, walBytes: around.walBytes, now: now())
    facts.ignoredFrames = around.ignoredFrames
    facts.openForeignOwner = around.openForeignOwner
    facts.fileSystemKind = around.fileSystem
    facts.snapshot = recorded.origin.title
    return facts
  }

  /// For what needs more than rows.
  func refuseRecorded(_ why: String) throws(CacheError) {
    guard context.recorded != nil else { return }
    throw CacheError(.refused, "not in a snapshot: \(why)")
  }

  /// `nil` where the snapshot holds no pointers and nobody asked for any.
  func recordedLinks(
    _ recorded: RecordedCache, _ root: LinkRoot, _ onlyProjects: Bool
  ) throws(CacheError) -> LinkSnapshot? {
    guard let links = recorded.links else {
      if onlyProjects { return nil }
      throw CacheError(
        .notFound, "the snapshot holds no pointers",
        hint: "`cachescope snapshot --project DIR` adds them")
    }
    return LinkSnapshot(
      links.report, root: root, folder: links.root, title: links.root.readable, takenAt: now())
  }
}

extension ShowEntry.PhaseOnDisk.State? {
  /// `nil` where nobody looked, or nothing could be seen.
  var isThere: Bool? {
    switch self {
    case .present: true
    case .missing: false
    case .outside, .unreadable, nil: nil
    }
  }
}
