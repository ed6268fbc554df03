import SystemPackage

/// A process of fbuild that sleeps until an install lock is gone.
public struct WaitingProcess: Sendable, Hashable {
  public var process: ProcessFacts
  /// `nil` where it cannot be read.
  public var workingFolder: RawText?
  /// The locks that it may wait for; one where it says which, or where there is but one.
  public var locks: [RawText]
  /// One line without control characters: what it is told by.
  public var evidence: String
}

/// Finds who waits. fbuild looks for the lock four times a second and holds nothing meanwhile: it is told by
/// the index that it has open, and by what it does not own; a daemon says it, and its clients wait with it.
struct WaiterSearch {
  let root: FilePath
  let locks: [HostReport.Lock]
  let daemons: [HostDaemon]
  let sockets: ListeningSockets

  func find(_ all: [ProcessFacts], _ processes: inout ProcessTable) -> [WaitingProcess] {
    guard !locks.isEmpty else { return [] }
    let parents = Set(all.filter { !$0.isExited }.map(\.parent))
    return all.compactMap { process in
      let found =
        waitsAsDaemon(process) ?? waitsForDaemon(process)
        ?? waits(process, isParent: parents.contains(process.pid))
      return found.map { evidence, locks in
        WaitingProcess(
          process: process, workingFolder: processes.holderCard(process.pid)?.workingFolder,
          locks: locks, evidence: evidence)
      }
    }
  }

  private typealias Found = (evidence: String, locks: [RawText])

  private func waits(_ process: ProcessFacts, isParent: Bool) -> Found? {
    guard isInstaller(process), process.opensIndex == true, !isParent, !owns(process) else {
      return nil
    }
    let held = locks.filter(Self.isWaitedFor).map(\.lock.path)
    return held.isEmpty
      ? nil : ("has the index open, owns no install lock and runs nothing", held)
  }

  private func waitsAsDaemon(_ process: ProcessFacts) -> Found? {
    guard let daemon = daemons.first(where: { $0.process.pid == process.pid }),
      let answer = daemon.answer, answer.isWaiting
    else { return nil }
    let words = "says that it waits to install \(oneLine(answer.install ?? "a package"))"
    return (words, locks(of: daemon, answer))
  }

  /// A client leaves its request open until the daemon has built.
  private func waitsForDaemon(_ process: ProcessFacts) -> Found? {
    guard isInstaller(process) else { return nil }
    for daemon in daemons {
      guard let answer = daemon.answer, answer.isWaiting, let port = daemon.port,
        sockets.isConnected(process.pid, to: port)
      else { continue }
      let package = oneLine(answer.install ?? "a package")
      let words =
        "its request is with daemon \(daemon.process.pid), which waits to install \(package)"
      return (words, locks(of: daemon, answer))
    }
    return nil
  }

  /// The one that it names; where it names none, those of the package, and else all that may be meant.
  private func locks(of daemon: HostDaemon, _ answer: HostDaemon.Answer) -> [RawText] {
    if let path = answer.installLock {
      return locks.map(\.lock.path).filter { isAt($0, FilePath(path)) }
    }
    let held = locks.filter { Self.isWaitedFor($0) && !owns($0, daemon.process) }.map(\.lock)
    let named = held.filter { $0.owner?.package != nil && $0.owner?.package == answer.install }
    return (named.isEmpty ? held : named).map(\.path)
  }

  /// A daemon in a container has another root.
  private func isAt(_ lock: RawText, _ path: FilePath) -> Bool {
    let text = bytes(of: path)
    return text.elementsEqual(bytes(of: root) + [0x2F] + lock.bytes)
      || text.suffix(lock.bytes.count + 1).elementsEqual([0x2F] + lock.bytes)
  }

  /// fbuild takes the others away as it meets them.
  private static func isWaitedFor(_ item: HostReport.Lock) -> Bool {
    item.judgement.outlook != .reclaimsNow
  }

  private func isInstaller(_ process: ProcessFacts) -> Bool {
    process.name.hasPrefix("fbuild") && !process.isExited
      && !daemons.contains { $0.process.pid == process.pid }
      && FbuildCommand(process.arguments).mayInstall
  }

  private func owns(_ process: ProcessFacts) -> Bool { locks.contains { owns($0, process) } }

  /// A process writes the number that it has in its own PID namespace.
  private func owns(_ item: HostReport.Lock, _ process: ProcessFacts) -> Bool {
    guard let pid = item.lock.owner?.pid else { return false }
    return item.judgement.process?.pid == process.pid
      || (process.namespacePIDs.last ?? process.pid) == pid
  }
}

/// What a command line of fbuild asks for: `fbuild [OPTIONS] [PROJECT] [VERB]`.
struct FbuildCommand {
  /// `nil` where none is given, and it builds.
  let verb: String?

  var mayInstall: Bool { verb.map { !Self.others.contains($0) } ?? true }

  private static let installers: Set<String> = [
    "build", "deploy", "install", "sync", "clang-tidy", "iwyu", "clangd-config", "ide", "debug",
    "test-emu", "clang-query", "lib-select", "compile-many", "ci", "bringup",
  ]
  private static let others: Set<String> = [
    "symbols", "bloat", "clean", "monitor", "reset", "purge", "daemon", "show", "device", "mcp",
    "plotter", "build-progress", "boards", "libraries", "lnk", "serial", "port", "cache", "help",
  ]
  /// Options before the verb that take the next word.
  private static let valued: Set<String> = [
    "-e", "--environment", "-p", "--port", "--timeout", "--halt-on-error", "--halt-on-success",
    "--expect",
  ]

  /// A wheel starts it through a script: `python3 /usr/bin/fbuild …`.
  init(_ arguments: [String]) {
    let isScript =
      arguments.count > 1 && Self.name(arguments[0]).hasPrefix("python")
      && Self.name(arguments[1]).hasPrefix("fbuild")
    var words: [String] = []
    var rest = arguments.dropFirst(isScript ? 2 : 1)
    while let word = rest.popFirst(), words.count < 2 {
      if Self.valued.contains(word) { _ = rest.popFirst() }
      if !word.hasPrefix("-") { words.append(word) }
    }
    // The first one may be the project; what follows a verb is its own.
    verb = words.first { Self.installers.contains($0) || Self.others.contains($0) }
  }

  private static func name(_ path: String) -> Substring { path.split(separator: "/").last ?? "" }
}
