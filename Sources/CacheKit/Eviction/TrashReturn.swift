/// Puts the steps of a kept run back, one after the other: files first, then the row.
struct TrashReturn {
  let run: TrashSweep.Run
  let sweep: TrashSweep
  let cache: DiskCache
  let context: ActionContext
  let command: [String]
  /// The line of each step in the journal.
  let lines: [EvictedStep: String]
  /// Where something went back. In a dry run nothing stands there yet.
  private var places: [PathJail.Place] = []

  init(
    _ run: TrashSweep.Run, _ sweep: TrashSweep, _ cache: DiskCache, _ context: ActionContext,
    command: [String]
  ) {
    (self.run, self.sweep, self.cache, self.context) = (run, sweep, cache, context)
    self.command = command
    lines = context.journal?.read(of: context.location.journalName).evictions() ?? [:]
  }

  enum Outcome {
    /// The entry by the id that it has now, and what is not as it was.
    case back(Int64, String)
    /// Why it is not back.
    case left(String)
    /// The step was never made, or was taken back before.
    case nothing
  }

  mutating func putBack(_ kept: TrashRecord, _ number: Int) throws(CacheError) -> Outcome {
    // The record lies in the cache, where others may write: its row must name the place, too.
    guard case .success(let place) = PathJail(context.location).place(of: kept.place),
      let record = kept.naming(place, context.location)
    else { return .left("its record names no place of an entry") }
    guard sweep.isWhole(run, number, record, place) else {
      return .left("somebody else was removing its files, and not all of them are left")
    }
    let obstacle = sweep.putBack(run, number, place, isDryRun: context.isDryRun)
    if let error = obstacle, error != .missing {
      return .left("its files cannot go back: \(error.words)")
    }
    if obstacle == nil { places.append(place) }
    let outcome = try putRowBack(record, place, isMoved: obstacle == nil)
    switch outcome {
    case .left: break
    case .back, .nothing: if !context.isDryRun { sweep.forget(run, number) }
    }
    return outcome
  }

  private func putRowBack(
    _ record: TrashRecord, _ place: PathJail.Place, isMoved: Bool
  ) throws(CacheError) -> Outcome {
    let line = lines[EvictedStep(record.entryID, record.phase, keep: nil)]
    return try context.commit(cache, command, undoes: line) { db -> (Outcome, IndexChange) in
      var remark = ""
      if !isMoved {
        // The record is written before the row is cleared: a run that ended between the two took nothing.
        if try record.isBack(db) { return (.nothing, IndexChange()) }
        if !places.contains(where: { place.components.starts(with: $0.components) }) {
          switch sweep.remains(of: record, place) {
          case .same: break
          case .none where record.stamp.isEmpty:
            remark = "its files were missing when it was taken"
          case .none: return (.left("somebody else has removed its files"), IndexChange())
          case .other:
            return (.left("something else stands where its files were"), IndexChange())
          }
        }
      }
      return try restoreRow(record, remark, db)
    }.0
  }

  private func restoreRow(
    _ record: TrashRecord, _ remark: String, _ db: Database
  ) throws -> (Outcome, IndexChange) {
    var ids: Set = [record.entryID]
    if let found = try record.row(db) { ids.insert(found) }
    let before = try IndexSnapshot.read(db, entries: ids)
    guard let id = try record.restore(db) else {
      return (.left("its row says something else by now; its files are back"), IndexChange())
    }
    let later = try IndexSnapshot.read(db, entries: ids.union([id]))
    var change = before.change(to: later, naming: id)
    change.undoObstacle = "evict it again"
    let remarks = [id == record.entryID ? "" : "it was entry \(record.entryID)", remark]
    return (.back(id, remarks.filter { !$0.isEmpty }.joined(separator: "; ")), change)
  }
}
