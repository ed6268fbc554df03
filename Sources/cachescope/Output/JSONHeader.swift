import CacheKit
import SystemPackage

extension JSONWriter {
  /// What every answer begins with: schema, cache and the rung of the ladder.
  mutating func header(
    _ location: CacheLocation, _ source: IndexSource?, ignoredFrames: Int = 0
  ) {
    field("schema", 1)
    field("cache", location.root)
    field("source", source?.rawValue)
    if ignoredFrames > 0 { field("ignored_wal_frames", ignoredFrames) }
  }

  /// What went wrong beside the answer; nothing where nothing did.
  mutating func failure(_ failure: CacheError?) {
    if let failure { error(failure) }
  }

  mutating func error(_ error: CacheError) {
    let error = explained(error)
    field("error") { writer in
      writer.object { writer in
        writer.field("code", error.code.rawValue)
        writer.field("message", error.message)
        writer.field("hint", error.hint)
      }
    }
  }

  mutating func problems(_ problems: [RowProblem]) {
    array("problems") { writer in
      for problem in problems { writer.element(problem.description) }
    }
  }

  mutating func entry(_ entry: Entry) {
    for column in EntryColumn.fields { value(column.value(entry), as: column.name) }
    problems(entry.problems)
    if !entry.redacted.isEmpty {
      array("redacted") { writer in
        for column in entry.redacted { writer.element(column) }
      }
    }
  }

  private mutating func value(_ value: EntryValue, as name: String) {
    switch value {
    case .text(let text): field(name, text)
    case .number(let number), .bytes(let number), .time(let number): field(name, number)
    case .rank(let rank): field(name, rank.map { Int64($0.position) })
    case .hold: break
    }
  }

  mutating func leases(_ leases: some Sequence<JudgedLease>) {
    objects("leases", leases) { $0.lease($1) }
  }

  mutating func lease(_ judged: JudgedLease) {
    let lease = judged.lease
    field("entry_id", lease.id.entryID)
    field("holder_pid", lease.id.holderPID)
    field("holder_nonce", lease.id.nonce.map { String($0) })
    field("refcount", lease.refcount)
    field("acquired_at", lease.acquiredAt)
    field("verdict", judged.judgement.verdict.rawValue)
    field("evidence", judged.judgement.evidence)
    field("holder") { $0.holder(judged.judgement.holder) }
    field("entry") { $0.entryName(lease.entry) }
    if !lease.problems.isEmpty { problems(lease.problems) }
  }

  private mutating func holder(_ holder: ProcessFacts?) {
    guard let holder else { return nullValue() }
    object { writer in
      writer.field("command", of: holder)
      writer.field("state", String(holder.state))
      writer.field("started_at", holder.startedAt.flatMap { Int64(exactly: $0.rounded(.down)) })
      writer.field("user", holder.userName ?? holder.uid.map(String.init))
    }
  }

  private mutating func entryName(_ entry: Lease.EntryName?) {
    guard let entry else { return nullValue() }
    object { writer in
      writer.field("kind", entry.kind)
      writer.field("stem", entry.stem)
      writer.field("version", entry.version)
    }
  }
}
