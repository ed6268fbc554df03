import Glibc

/// What stands at the path of a step now, and whether it may go and can: looks, and changes nothing.
struct StepLook {
  let root: JailedRoot
  let jail: PathJail

  struct Found {
    var place: PathJail.Place
    /// `nil` where nothing is there.
    var folder: SimulatedFolder?
    var files = ReclaimedBytes()
    /// How many inodes belong to it: those that the plan saw, where some are gone since.
    var wholeInodes = 0
    /// What stands there, by what changes with it.
    var stamp = ""
  }

  /// What stands there now, and that it may go and can.
  ///
  /// `cleared`: where the same run has removed something, which is no change since the plan.
  func look(
    _ step: CollectionPlan.Step, after cleared: [[[UInt8]]] = []
  ) -> Result<Found, PathJail.Refusal> {
    jail.place(of: step.path.bytes).flatMap { place in
      if let refusal = root.obstacle(place) { return .failure(refusal) }
      switch root.folder(of: place) {
      case .failure(let refusal):
        return refusal.isMissing ? .success(Found(place: place)) : .failure(refusal)
      case .success(let folder):
        let isTouched = cleared.contains { $0.starts(with: place.components) }
        return look(step, place, folder, isTouched)
      }
    }
  }

  private func look(
    _ step: CollectionPlan.Step, _ place: PathJail.Place, _ folder: SimulatedFolder,
    _ isTouched: Bool
  ) -> Result<Found, PathJail.Refusal> {
    switch folder.look(place.name) {
    case .failure(let error) where error == .missing: return .success(Found(place: place))
    case .failure(let error): return .failure(PathJail.Refusal(error.words))
    case .success(let entry):
      if step.isPlanned, !isTouched, step.stamp != CollectionPlan.FilesStamp(entry) {
        return .failure(PathJail.Refusal("its files were changed since the plan"))
      }
      var disk = SimulatedDisk()
      disk.mayChangeOwn = true
      let path = bytes(of: root.location.root) + [UInt8(ascii: "/")] + place.bytes
      let error = entry.isFolder ? disk.removeTree(path) : disk.removeFile(path)
      if let error, error != .missing {
        return .failure(PathJail.Refusal("cannot be removed whole: \(error.words)"))
      }
      let files = disk.counted.bytes
      return .success(
        Found(
          place: place, folder: folder, files: files,
          // Of a link the plan may count what it leads to, as real GC does behind a slash.
          wholeInodes: isTouched || !entry.isFolder
            ? files.inodes : max(files.inodes, step.files.inodes),
          stamp: CollectionPlan.FilesStamp(entry).text))
    }
  }
}
