extension InspectedCache {
  /// All leases with their verdicts, and what is wrong with the index.
  ///
  /// Where the pages of entries are damaged, the rows of the leases are given all the same.
  public func judgedLeases(
    _ context: ActionContext
  ) throws(CacheError) -> (leases: JudgedLeases, damage: CacheError?) {
    if let recorded { return (JudgedLeases(recorded.leases), damage) }
    do throws(CacheError) {
      let found = try reader.read { db in
        try LeaseReader.read(db, try SchemaShape.read(db), context.processTable())
      }.value
      return (found, damage)
    } catch  where error.code == .damaged {
      let (leases, damage) = try readableLeases()
      return (JudgedLeases(JudgedLease.judge(leases, context)), damage)
    }
  }
}

extension JudgedLease {
  /// Judges all of them on one picture of the processes.
  public static func judge(_ leases: [Lease], _ context: ActionContext) -> [JudgedLease] {
    if let recorded = context.recorded { return recorded.judge(leases) }
    var processes = context.processTable()
    return leases.map { lease in
      JudgedLease(lease: lease, judgement: processes.judgedWithReason(lease))
    }
  }
}
