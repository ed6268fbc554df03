/// What went wrong, where, and what helps; the only error type that leaves CacheKit.
///
/// `code` is stable and meant for programs; `message` and `hint` are sentences for people. Text that
/// came from disk or network may stand in `message`: escape it before it reaches a terminal.
public struct CacheError: Error, Sendable {
  /// What kind of failure it is; the raw values are part of the JSON contract.
  public enum Code: String, Sendable, CaseIterable {
    /// The cache root does not exist.
    case noCache = "no_cache"
    /// The root exists and holds no `index.sqlite`.
    case noIndex = "no_index"
    /// The index path is a folder, FIFO, socket or device.
    case notAFile = "not_a_file"
    /// The operating system denied access.
    case permission
    /// The index, its folder or its file system cannot be written.
    case readOnly = "read_only"
    /// Another program held the lock for longer than the deadline.
    case busy
    /// The file is not a database, pages of it are damaged, or its schema lacks parts that it needs.
    case damaged
    /// A newer program changed the schema.
    case newerSchema = "newer_schema"
    /// The change needs a migration that has not run yet.
    case pendingMigrations = "pending_migrations"
    /// A safety rule forbids the change.
    case refused
    /// No entry, lease, migration or file of that name.
    case notFound = "not_found"
    /// A download failed.
    case network
    /// A value given by the caller cannot be used.
    case invalidInput = "invalid_input"
    /// The file system is full.
    case diskFull = "disk_full"
    /// Any other failure of the operating system.
    case inputOutput = "io"
    /// The caller cancelled the work.
    case cancelled
  }

  /// Which kind of failure it is.
  public var code: Code
  /// What failed, and where: one sentence without a final period.
  public var message: String
  /// What helps: one sentence, or `nil` where nothing is known to help.
  public var hint: String?
  /// The error of a lower layer, for logs.
  public var cause: (any Error)?

  public init(_ code: Code, _ message: String, hint: String? = nil, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
    self.cause = cause
  }
}

extension CacheError: CustomStringConvertible {
  public var description: String {
    hint.map { "\(message). \($0)" } ?? message
  }
}

extension CacheError {
  package static func noEntry(_ id: Int64) -> CacheError {
    CacheError(.notFound, "there is no entry \(id)", hint: "`cachescope entries` lists them")
  }
}
