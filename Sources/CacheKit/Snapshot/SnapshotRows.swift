import SystemPackage

// The rows of a snapshot, each from its object.
extension SnapshotFields {
  func entry() throws(CacheError) -> Entry {
    var entry = Entry(
      id: try needed("id", try integer("id")), kind: try text("kind"), url: try text("url"),
      stem: try text("stem"), hash: try text("hash"), version: try text("version"),
      archivePath: try text("archive_path"), archiveBytes: try integer("archive_bytes"),
      archiveSHA256: try text("archive_sha256"), installedPath: try text("installed_path"),
      installedBytes: try integer("installed_bytes"), installedAt: try integer("installed_at"),
      archivedAt: try integer("archived_at"), lastUsedAt: try integer("last_used_at"),
      useCount: try integer("use_count"), pinned: try integer("pinned"), leaseCount: 0,
      refcount: 0, problems: [])
    if let cells = try object("cells") { entry.oddCells = try cells.oddCells() }
    entry.redacted = try strings("redacted").filter { EntryRows.textColumns.contains($0) }
    return entry
  }

  private func oddCells() throws(CacheError) -> [OddCell] {
    var found: [OddCell] = []
    for column in InitialSchema.entryColumns where column != "id" && !isNull(column) {
      guard let cell = try object(column), let value = try cell.oddValue() else {
        throw error(column, "takes an integer, a real, a text or a blob")
      }
      found.append(OddCell(column: column, value: value))
    }
    return found
  }

  private func oddValue() throws(CacheError) -> OddCell.Value? {
    if let value = try integer("integer") { return .integer(value) }
    if let value = try string("real").flatMap(Double.init) { return .real(value) }
    if let value = try text("text") { return .text(value) }
    return try string("blob").flatMap(Base64Text.decode).map { .blob($0) }
  }

  func files() throws(CacheError) -> RecordedFiles {
    guard let files = try object("files") else { return RecordedFiles() }
    return RecordedFiles(
      archive: try files.word("archive", PhaseOnDisk.State.self),
      installed: try files.word("installed", PhaseOnDisk.State.self))
  }

  func judgedLease() throws(CacheError) -> JudgedLease {
    let record = try needed("record", try object("record"))
    let nonce = try string("holder_nonce").map { text throws(CacheError) in
      guard let value = UInt64(text) else { throw error("holder_nonce", "takes digits as text") }
      return value
    }
    let id = LeaseID(
      entryID: try integer("entry_id"), holderPID: try integer("holder_pid"), nonce: nonce)
    var lease = Lease(
      id: id, rowID: try record.needed("row_id", try record.integer("row_id")),
      refcount: try integer("refcount"), acquiredAt: try integer("acquired_at"), entry: nil,
      problems: try strings("problems").map { RowProblem(nil, $0) })
    if let entry = try object("entry") {
      lease.entry = Lease.EntryName(
        kind: try entry.text("kind"), stem: try entry.text("stem"),
        version: try entry.text("version"), bytes: max(0, try record.integer("bytes") ?? 0))
    }
    lease.pinReason = try record.string("pin_reason")
    lease.pinUntil = try record.integer("pin_until")
    if let twin = try record.object("twin") {
      lease.twin = PinTwin(
        rowID: try twin.needed("row_id", try twin.integer("row_id")),
        holderPID: try twin.needed("holder_pid", try twin.integer("holder_pid")),
        refcount: try twin.integer("refcount"), acquiredAt: try twin.integer("acquired_at"))
    }
    var judgement = Judgement(
      try needed("verdict", try word("verdict", LeaseVerdict.self)),
      oneLine(try string("evidence") ?? ""))
    judgement.pinnedBy = try record.string("pinned_by")
    judgement.holder = try object("holder")?.holder(record)
    return JudgedLease(lease: lease, judgement: judgement)
  }

  private func holder(_ record: SnapshotFields) throws(CacheError) -> ProcessFacts {
    let state = try string("state") ?? ""
    guard state.count == 1, let letter = state.first else {
      throw error("state", "takes one letter")
    }
    let user = try string("user")
    let uid = user.flatMap { UInt32($0) }
    return ProcessFacts(
      pid: try record.integer("pid") ?? 0, state: letter, parent: try record.integer("parent") ?? 0,
      startedAt: try integer("started_at").map(Double.init),
      name: try record.string("name") ?? "", arguments: [try string("command") ?? ""], uid: uid,
      userName: uid == nil ? user : nil)
  }

  func migration() throws(CacheError) -> MigrationStatus.Item {
    let id = try needed("id", try string("id"))
    return MigrationStatus.Item(
      id: id, state: try needed("state", try word("state", MigrationStatus.State.self)),
      appliedAt: try integer("applied_at"), summary: try string("summary"),
      statements: Migration.all.first { $0.id == id }?.statements ?? [])
  }

  func journalLine() throws(CacheError) -> JournalSummary {
    JournalSummary(
      time: try needed("time", try integer("time")), user: try string("user") ?? "",
      command: try strings("command"))
  }

  func link(entry: Entry?) throws(CacheError) -> LinkItem {
    let path = try needed("path", try text("path"))
    var item = LinkItem(
      path: FilePath(bytes: path.bytes.filter { $0 != 0 }),
      state: try needed("state", try word("state", LinkItem.State.self)),
      problem: try string("problem"))
    item.entry = entry
    item.blob = try text("blob").map { FilePath(bytes: $0.bytes.filter { $0 != 0 }) }
    if let url = try string("url"), let sha256 = try string("sha256") {
      item.link = LinkFile(
        url: url, sha256: sha256, size: try unsigned("size"),
        extract: try word("extract", LinkFile.Extract.self) ?? .file)
    }
    return item
  }

  func cacheError() throws(CacheError) -> CacheError {
    CacheError(
      try needed("code", try word("code", CacheError.Code.self)), try string("message") ?? "",
      hint: try string("hint"))
  }
}

extension SnapshotParts {
  mutating func take(_ about: SnapshotFields) throws(CacheError) {
    guard try about.integer("version") == 1 else {
      var error = about.error("version", "is not 1: it was made by a newer cachescope")
      error.code = .newerSchema
      error.hint = "Open it with the cachescope that wrote it, or a newer one"
      throw error
    }
    origin.host = try about.string("host")
    origin.takenAt = try about.needed("taken_at", try about.integer("taken_at"))
    origin.isRedacted = try about.bool("redacted") ?? false
    origin.program = try about.string("program")
    surroundings.openForeignOwner = try about.string("open_foreign_owner")
    surroundings.indexBytes = try about.integer("index_bytes")
    surroundings.walBytes = try about.integer("wal_bytes")
  }

  /// Others follow from what the snapshot holds.
  mutating func takeFinding(_ finding: SnapshotFields) throws(CacheError) {
    let ids = try finding.object("where")?.strings("ids").compactMap { Int64($0) } ?? []
    switch try finding.string("id") {
    case "outside_paths": rows.outside = ids
    case "moved_paths": rows.movedIDs = ids
    default: break
    }
  }

  mutating func takeDisk(_ disk: SnapshotFields) throws(CacheError) {
    let total = try disk.unsigned("total_bytes") ?? 0
    let free = try disk.unsigned("free_bytes") ?? 0
    let rest = total - min(total, free)
    // An older snapshot counts what is reserved as used.
    let used = try disk.unsigned("used_bytes") ?? rest
    surroundings.disk = DiskSpace(total: total, free: free, reserved: rest - min(rest, used))
  }

  mutating func takeBudgets(_ budgets: SnapshotFields) throws(CacheError) {
    func limit(_ name: String) throws(CacheError) -> Budget.Limit {
      let limit = try budgets.needed(name, try budgets.object(name))
      return Budget.Limit(
        bytes: try limit.unsigned("bytes") ?? 0, source: try limit.string("source") ?? "")
    }
    surroundings.budget = Budget(
      archive: try limit("archive"), installed: try limit("installed"),
      highWatermark: try limit("high_watermark"), lowWatermark: try limit("low_watermark"))
  }
}

extension RecordedCache.Surroundings {
  /// A member of the snapshot that tells of the host, and not of the index.
  mutating func take(_ key: String, _ fields: SnapshotFields) throws(CacheError) {
    switch key {
    case "source": source = try fields.word(key, IndexSource.self)
    case "ignored_wal_frames": ignoredFrames = Int(clamping: try fields.integer(key) ?? 0)
    case "file_system":
      fileSystem = FileSystemKind(
        name: try fields.string(key) ?? "unknown", isShared: false,
        isReadOnly: fileSystem.isReadOnly)
    case "read_only": fileSystem.isReadOnly = try fields.bool(key) ?? false
    case "sqlite": sqliteVersion = try fields.string(key) ?? ""
    default: break
    }
  }
}
