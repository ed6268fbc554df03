/// What the steps of ours find on the disk, where that is not what those of real GC do.
struct OwnFiles {
  private let location: CacheLocation
  private let jail: PathJail

  init(_ location: CacheLocation) {
    self.location = location
    jail = PathJail(location)
  }

  /// Counts anew what is removed, where ours leaves files that real GC would have taken before; and stamps
  /// what stands at a place that a row spells in another way. `isStuck`: real GC has met what it cannot remove
  /// whole, and ours never tries.
  func look(_ plan: inout CollectionPlan, isStuck: Bool) {
    let leavesFiles =
      isStuck || plan.steps.contains { !$0.isTaken && $0.files != ReclaimedBytes() }
    var disk = SimulatedDisk()
    disk.mayChangeOwn = true
    for place in plan.steps.indices where plan.steps[place].isTaken {
      guard let path = path(of: plan.steps[place]) else { continue }
      if plan.steps[place].stamp == nil { plan.steps[place].stamp = SimulatedDisk().stamp(path) }
      guard leavesFiles else { continue }
      let before = disk.counted.bytes
      _ = disk.remove(path, plan.steps[place].phase)
      plan.steps[place].files = disk.counted.bytes.since(before)
    }
  }

  private func path(of step: CollectionPlan.Step) -> [UInt8]? {
    guard case .success(let place) = jail.place(of: step.path.bytes) else { return nil }
    return bytes(of: location.root) + [UInt8(ascii: "/")] + place.bytes
  }
}
