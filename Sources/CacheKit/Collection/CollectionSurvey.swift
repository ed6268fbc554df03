import SystemPackage

// The facts of a cache as a whole: its index, its leases, and the processes of this host.
extension CollectionFacts {
  static func read(
    _ inspected: InspectedCache, _ context: ActionContext
  ) throws(CacheError) -> CollectionFacts {
    // A snapshot is of no user.
    let isWritable = context.recorded != nil || Writability.isWritable(context.location.index)
    return try inspected.reader.read { db in
      try read(db, try judged(db, context), isWritable: isWritable, isAlive: signal(context))
    }.value
  }

  private static func judged(_ db: Database, _ context: ActionContext) throws -> JudgedLeases {
    if let recorded = context.recorded { return JudgedLeases(recorded.leases) }
    return try LeaseReader.read(db, try SchemaShape.read(db), context.processTable())
  }

  /// Whether a process is there, as fbuild would find it: on this host, or as a fixture or a snapshot tells.
  private static func signal(_ context: ActionContext) -> (Int32) -> Bool {
    if let recorded = context.recorded {
      let gone = recorded.leases.filter { $0.judgement.verdict == .dead }
      let dead = Set(gone.compactMap(\.lease.id.holderPID))
      return { !dead.contains(Int64($0)) }
    }
    guard context.procRoot != "/proc" else { return HolderSignal.isAlive }
    let root = context.procRoot
    return { FileStatus(followed: root.appending("\($0)")) != nil }
  }
}
