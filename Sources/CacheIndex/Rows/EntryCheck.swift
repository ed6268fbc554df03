/// What the values of a row say about themselves, beyond their storage class.
///
/// A sound row, which nearly every row is, passes without an allocation.
enum EntryCheck {
  /// `root` is the cache root's path, for paths that a row gives in full.
  static func note(_ entry: Entry, root: [UInt8]? = nil, in problems: inout [RowProblem]) {
    if let kind = entry.kind, !isKnown(kind) {
      problems.append(
        RowProblem("kind", "unknown kind \(kind.readable), at which fbuild's GC stops"))
    }
    numbers(entry, &problems)
    texts(entry, &problems)
    path("archive_path", entry.archivePath, root, &problems)
    path("installed_path", entry.installedPath, root, &problems)
    hash(entry, &problems)
    if let sha = entry.archiveSHA256, sha != entry.version, entry.knownKind == .lnkBlobs {
      problems.append(
        RowProblem("archive_sha256", "differs from the version, which is the blob's hash"))
    }
    if entry.archiveSHA256 == nil, entry.archivePath != nil, entry.knownKind == .lnkBlobs,
      !problems.contains(where: { $0.column == "archive_sha256" })
    {
      problems.append(RowProblem("archive_sha256", "a blob without its hash"))
    }
    if entry.isGhost, let pinned = entry.pinned {
      problems.append(
        RowProblem(
          "pinned", "\(pinned), but the refcounts of its leases sum up to \(entry.refcount)"))
    }
  }

  private static let kinds = Set(EntryKind.allCases.map { Array($0.rawValue.utf8) })

  private static func isKnown(_ kind: RawText) -> Bool { kinds.contains(kind.bytes) }

  private static func numbers(_ entry: Entry, _ problems: inout [RowProblem]) {
    amount("archive_bytes", entry.archiveBytes, &problems)
    amount("installed_bytes", entry.installedBytes, &problems)
    amount("use_count", entry.useCount, &problems)
    time("installed_at", entry.installedAt, &problems)
    time("archived_at", entry.archivedAt, &problems)
    time("last_used_at", entry.lastUsedAt, &problems)
  }

  private static func amount(_ name: String, _ value: Int64?, _ problems: inout [RowProblem]) {
    guard let value, value < 0 else { return }
    problems.append(RowProblem(name, "negative: \(value)"))
  }

  // Past the year 9999 a time is in milliseconds or nanoseconds, or garbage.
  private static func time(_ name: String, _ value: Int64?, _ problems: inout [RowProblem]) {
    guard let value else { return }
    if value > 253_402_300_799 {
      problems.append(RowProblem(name, "not a time in seconds: \(value)"))
    }
    amount(name, value, &problems)
  }

  private static func texts(_ entry: Entry, _ problems: inout [RowProblem]) {
    text("kind", entry.kind, &problems)
    text("url", entry.url, &problems)
    text("stem", entry.stem, &problems)
    text("hash", entry.hash, &problems)
    text("version", entry.version, &problems)
    text("archive_path", entry.archivePath, &problems)
    text("archive_sha256", entry.archiveSHA256, &problems)
    text("installed_path", entry.installedPath, &problems)
  }

  private static func text(_ name: String, _ text: RawText?, _ problems: inout [RowProblem]) {
    guard let text, text.isCut || !isPlain(text.bytes) else { return }
    if text.bytes.contains(0) { problems.append(RowProblem(name, "embedded NUL")) }
    if text.isCut {
      problems.append(
        RowProblem(
          name, "\(text.fullCount) bytes long, the first \(text.bytes.count) are shown"))
    } else if text.string == nil {
      problems.append(RowProblem(name, "not valid UTF-8"))
    }
  }

  private static func isPlain(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBufferPointer { buffer in
      // Without a branch, so that many bytes are compared at once.
      var bad: UInt8 = 0
      for byte in buffer { bad |= (byte & 0x80) | (byte == 0 ? 1 : 0) }
      return bad == 0
    }
  }

  /// Only blobs: their URL is what the hash was made of, whoever wrote the row.
  private static func hash(_ entry: Entry, _ problems: inout [RowProblem]) {
    guard entry.knownKind == .lnkBlobs, let url = entry.url, !url.isCut, let hash = entry.hash
    else { return }
    guard !url.isEmpty else {
      return problems.append(RowProblem("url", "not known: fbuild finds the entry by its hash"))
    }
    if !CachePaths.isHash(hash.bytes, ofURL: url.bytes) {
      problems.append(RowProblem("hash", "not that of the URL: fbuild never finds this entry"))
    }
  }

  private static func path(
    _ name: String, _ path: RawText?, _ root: [UInt8]?, _ problems: inout [RowProblem]
  ) {
    guard let path else { return }
    guard StoredPath.danger(path.bytes, root: root) != nil else { return }
    // The root may have other names.
    let alias = root.flatMap { RootAliases.alias(of: $0, in: path.bytes) }
    if let danger = StoredPath.danger(path.bytes, root: alias ?? root) {
      problems.append(RowProblem(name, danger))
    }
  }
}
