/// Room on a full disk: the files of steps that go anyway, before their rows, since no row can be cleared
/// without room.
final class DiskRelief {
  private let context: ActionContext
  private let look: StepLook
  private let stepGuard: StepGuard
  private let mayRemove: Bool
  /// Why the files of a step that might have made room stay.
  private var refusal: String?
  /// What went before its row.
  private var removed: [CollectionRun.Key: ReclaimedBytes] = [:]

  init(_ context: ActionContext, _ look: StepLook, _ stepGuard: StepGuard, mayRemove: Bool) {
    self.context = context
    self.look = look
    self.stepGuard = stepGuard
    self.mayRemove = mayRemove
  }

  var isUsed: Bool { !removed.isEmpty }

  /// What became free with the files of a step; `nil` where they did not go for room.
  func files(of step: CollectionPlan.Step) -> ReclaimedBytes? { removed[step.key] }

  func hasRemoved(_ step: CollectionPlan.Step) -> Bool { removed[step.key] != nil }

  /// Runs `body` again once the files of some of these steps have made room for it.
  ///
  /// Throws what `body` does where there is room, or none can be made; with what went for it.
  func makingRoom<Value>(
    by steps: @autoclosure () -> [CollectionPlan.Step], _ body: () throws(CacheError) -> Value
  ) throws(CacheError) -> Value {
    var left: [CollectionPlan.Step]?
    while true {
      do throws(CacheError) {
        return try body()
      } catch {
        guard isFull(error) else { throw told(error) }
        var rest = left ?? steps()
        guard let next = next(of: &rest) else { throw stillFull(error) }
        left = rest
        remove(next.step, next.found)
      }
    }
  }

  /// Without room SQLite says much: but what this user may not write no room makes writable.
  private func isFull(_ error: CacheError) -> Bool {
    if error.code == .diskFull { return true }
    guard error.code == .inputOutput || error.code == .permission, isWritable else { return false }
    return DiskRoom.at(context.location.root).map { $0.bytes == 0 || $0.isOutOfInodes } ?? false
  }

  private var isWritable: Bool {
    let files =
      [context.location.index, context.location.root]
      + ["-wal", "-shm"].map(context.location.companion).filter {
        FileStatus(unfollowed: $0) != nil
      }
    return files.allSatisfy(Writability.isWritable)
  }

  /// What was removed to make room stays removed: whoever reads the error has to know.
  private func told(_ error: CacheError) -> CacheError {
    guard isUsed else { return error }
    var told = error
    told.message += "; " + Self.words(Set(removed.keys.map(\.id)))
    return told
  }

  private func stillFull(_ error: CacheError) -> CacheError {
    guard !isUsed, mayRemove else { return told(error) }
    var hinted = error
    hinted.hint =
      refusal ?? "Free some space there, or evict a larger entry: this frees too little"
    return hinted
  }

  static func words(_ ids: Set<Int64>) -> String {
    let list = ids.sorted().map(String.init).joined(separator: ", ")
    let (entries, rows) = ids.count == 1 ? ("entry", "its row") : ("entries", "their rows")
    return "the files of \(entries) \(list) were removed, and \(rows) could not be cleared"
  }

  // MARK: Which goes

  private typealias Candidate = (step: CollectionPlan.Step, found: StepLook.Found)

  /// Judged by the index as it can still be read.
  private func next(of left: inout [CollectionPlan.Step]) -> Candidate? {
    guard mayRemove, let inspected = try? context.inspect(), let need = try? need(inspected) else {
      return nil
    }
    let steps = left
    // An index that changes meanwhile is read again: nothing is taken from the list before that is over.
    let choice = try? inspected.reader.read { db in
      try stepGuard.reread(db)
      return try choose(of: steps, need: need, db)
    }.value
    guard let choice else { return nil }
    return (left.remove(at: choice.place), choice.found)
  }

  private func choose(
    of left: [CollectionPlan.Step], need: ReliefNeed, _ db: Database
  ) throws -> (place: Int, found: StepLook.Found)? {
    var seen: [Int: StepLook.Found] = [:]
    let choice = ReliefNeed.choice(of: left.count, need: need.amount, isBegun: isUsed) { place in
      seen[place] = (try? files(of: left[place], db)) ?? nil
      return seen[place].map { found in
        need.isOfInodes
          ? Int64(found.files.inodes + EmptiedFolders(look.root).inodes(above: found.place))
          : Int64(clamping: found.files.allocated)
      }
    }
    guard let choice, let found = seen[choice] else { return nil }
    return (choice, found)
  }

  private func need(_ inspected: InspectedCache) throws(CacheError) -> ReliefNeed {
    let companions = ["-wal", "-shm"].map {
      FileStatus(unfollowed: context.location.companion($0))
    }
    guard let room = DiskRoom.at(context.location.root), !room.isOutOfInodes else {
      return .inodes(companions: companions.count { $0 != nil })
    }
    // SQLite writes a byte into each page of it: its size is what it has.
    return .bytes(
      pageSize: try inspected.pageSize(), free: room.bytes, sharedMemory: companions[1]?.size ?? 0)
  }

  /// `nil` where its files may not go, or are gone: nothing goes that the claim of its row would refuse.
  private func files(of step: CollectionPlan.Step, _ db: Database) throws -> StepLook.Found? {
    guard step.isTaken, let row = try CandidateReader(db).read([step.entryID]).first,
      row.path(step.phase) != nil, row.fingerprints[step.phase] == step.fingerprint,
      case .success(let found) = look.look(step, after: stepGuard.cleared), found.folder != nil
    else { return nil }
    guard let words = try stepGuard.obstacle(step.key, db) else { return found }
    refusal = "Entry \(step.entryID) cannot go to make room: \(words)"
    return nil
  }

  private func remove(_ step: CollectionPlan.Step, _ found: StepLook.Found) {
    guard let folder = found.folder else { return }
    var remover = TrashRemover(trash: folder.descriptor)
    if remover.remove(found.place.name, in: folder.descriptor) == nil {
      removed[step.key] = found.files
      if DiskRoom.at(context.location.root)?.inodes.map({ $0 < 8 }) == true {
        EmptiedFolders(look.root).remove(above: found.place)
      }
      stepGuard.took(step.key, found.place)
    }
  }
}
