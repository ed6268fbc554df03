/// Removes candidates on a simulated disk, and keeps what that told.
struct StepProbe {
  private var disk = SimulatedDisk()
  private let looksAtDisk: Bool
  private let root: [UInt8]
  private(set) var removed: [CollectionRun.Key: CollectionCandidate] = [:]
  private(set) var stamps: [CollectionRun.Key: CollectionPlan.FilesStamp] = [:]
  private(set) var files: [CollectionRun.Key: ReclaimedBytes] = [:]

  init(_ location: CacheLocation, _ looksAtDisk: Bool) {
    self.looksAtDisk = looksAtDisk
    root = CacheKit.bytes(of: location.root)
  }

  /// Why the files stay; `nil` where they go, or are not there.
  mutating func remove(_ candidate: CollectionCandidate, _ phase: CachePhase) -> String? {
    let key = CollectionRun.Key(id: candidate.id, phase: phase)
    removed[key] = candidate
    guard looksAtDisk, let path = candidate.path(phase) else { return nil }
    // As it is, whatever other steps would have taken of it before.
    stamps[key] = SimulatedDisk().stamp(joined(path))
    let before = disk.counted.bytes
    let error = disk.remove(joined(path), phase)
    files[key] = disk.counted.bytes.since(before)
    guard let error, error != .missing else { return nil }
    return ([error.words] + (StoredPath.danger(path, root: root).map { [$0] } ?? []))
      .joined(separator: "; ")
  }

  /// As fbuild joins them: an absolute path stands for itself.
  private func joined(_ path: [UInt8]) -> [UInt8] {
    path.first == UInt8(ascii: "/") ? path : root + [UInt8(ascii: "/")] + path
  }
}
