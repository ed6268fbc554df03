/// Everything worth knowing about the process behind a lease.
///
/// Texts come from the process and its files: escape them before a terminal.
public struct HolderCard: Sendable, Hashable {
  /// The process itself.
  public var process: ProcessFacts
  /// The working folder, or `nil` where it cannot be read.
  public var workingFolder: RawText?
  /// The parents, nearest first, up to the leader of the session.
  public var parents: [ProcessFacts]
  /// The id or name of the container that the process runs in.
  public var container: String?
  /// Open files below the cache root, by the paths that the process sees.
  public var openFiles: [RawText]
  /// False where the open files could not all be read.
  public var isComplete: Bool

  package init(
    process: ProcessFacts, workingFolder: RawText? = nil, parents: [ProcessFacts],
    container: String? = nil, openFiles: [RawText], isComplete: Bool
  ) {
    self.process = process
    self.workingFolder = workingFolder
    self.parents = parents
    self.container = container
    self.openFiles = openFiles
    self.isComplete = isComplete
  }

  /// Parents beyond this number are left away.
  static let parentLimit = 32
  /// Open files beyond this number are left away.
  static let fileLimit = 200
}

extension ProcessTable {
  /// Reads the card of a process, or `nil` where no process has the id or it cannot be read.
  public mutating func holderCard(_ pid: Int64) -> HolderCard? {
    guard let process = probe(pid).facts else { return nil }
    var card = HolderCard(
      process: process, parents: parents(of: process), openFiles: [], isComplete: false)
    let files = reader.files
    _ = reader.tree.withFolder("\(pid)") { folder in
      card.workingFolder = (try? folder.link("cwd").get()).map { RawText(bytes: $0) }
      card.container = (try? folder.read("cgroup").get()).flatMap(containerName)
      guard let open = files.openFiles(in: folder, limit: HolderCard.fileLimit) else { return }
      card.openFiles = open.paths.map { RawText(bytes: $0) }
      card.isComplete = open.isComplete
    }
    return card
  }

  private mutating func parents(of process: ProcessFacts) -> [ProcessFacts] {
    var parents: [ProcessFacts] = []
    var current = process
    while parents.count < HolderCard.parentLimit, current.pid != process.session,
      current.parent != current.pid, let parent = probe(current.parent).facts
    {
      parents.append(parent)
      current = parent
    }
    return parents
  }
}

/// The container named in /proc/PID/cgroup: a 64-digit id, or the name of an LXC container.
func containerName(_ cgroup: [UInt8]) -> String? {
  for line in cgroup.split(separator: UInt8(ascii: "\n")) {
    let parts = text(line).split(separator: "/").dropFirst()
    for (part, next) in zip(parts, Array(parts.dropFirst()) + [""]) {
      if part == "lxc", !next.isEmpty { return String(next) }
      if part.hasPrefix("lxc.payload.") { return String(part.dropFirst(12)) }
      let name = part.hasSuffix(".scope") ? part.dropLast(6) : part
      let id = name.split(separator: "-").last ?? ""
      if id.utf8.count == 64 && id.utf8.allSatisfy(isHexDigit) { return String(id) }
    }
  }
  return nil
}

private func isHexDigit(_ byte: UInt8) -> Bool {
  Character(Unicode.Scalar(byte)).isHexDigit
}
