import CacheKit
import Foundation
import SystemPackage

/// A process of its own for tests: does one thing to a cache, as its arguments say, and reports on
/// its standard output. Verbs that wait go on when a line arrives on their standard input.
@main
struct CacheActor {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.count >= 2, let verb = verbs[arguments[0]] else {
      say("usage: CacheActor VERB ROOT [ARGUMENT...]")
      exit(64)
    }
    let location = CacheLocation(root: FilePath(arguments[1]))
    do {
      try verb(location, Array(arguments.dropFirst(2)))
    } catch let error as CacheError {
      say("error \(error.code.rawValue) \(error)")
    } catch {
      say("failure \(error)")
    }
    // Without destructors: what is held stays held, as when a process is killed.
    _exit(0)
  }

  typealias Verb = @Sendable (CacheLocation, [String]) throws -> Void

  static let verbs: [String: Verb] = [
    "inspect": inspect, "open": open, "churn": churn, "lease": lease, "reap": reap,
    "rehearse": rehearse,
    "commit": RawWriter.commit, "lock": RawWriter.lock, "spill": RawWriter.spill,
  ]

  /// One line, sent at once.
  static func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }

  /// Says `word` and waits for a line.
  static func wait(_ word: String) {
    say(word)
    _ = readLine()
  }
}

extension CacheActor {
  @Sendable private static func inspect(_ location: CacheLocation, _: [String]) throws {
    let cache = try DiskCache.inspect(at: location)
    var count = 0
    let damage = try cache.forEachEntry(EntryQuery()) { _ in count += 1 }
    let leases = try cache.leases().count
    say(
      "ok \(cache.source?.rawValue ?? "-") \(count) \(leases) \(damage?.code.rawValue ?? "sound")")
  }

  @Sendable private static func open(_ location: CacheLocation, _: [String]) throws {
    wait("ready")
    let cache = try DiskCache.open(at: location)
    let steps = cache.migrationReport.steps.map { "\($0.id)=\($0.outcome.rawValue)" }
    say("ok \(steps.joined(separator: ","))")
  }

  /// Touches and leases each entry in turn; of two holds it gives one back and keeps the other.
  @Sendable private static func churn(_ location: CacheLocation, _ arguments: [String]) throws {
    let rounds = arguments.first.flatMap(Int.init) ?? 0
    let cache = try DiskCache.openExisting(at: location, options: OpenOptions(busyTimeout: 60))
    let entries = try DiskCache.inspect(at: location).entries(ids: [1, 2, 3, 4])
    var held: [HeldLease] = []
    wait("ready")
    for round in 0..<rounds {
      let entry = entries[round % entries.count]
      try cache.touch(entry)
      held.append(try cache.lease(entry))
      try cache.lease(entry).release()
    }
    say("ok \(held.count)")
    // Values that are still held must not be let go before the process ends.
    withExtendedLifetime(held) {
      _exit(0)
    }
  }

  @Sendable private static func lease(_ location: CacheLocation, _ arguments: [String]) throws {
    let id = arguments.first.flatMap { Int64($0) } ?? 1
    let cache = try DiskCache.openExisting(at: location)
    guard let entry = try cache.entry(id) else { return say("missing") }
    let lease = try cache.lease(entry)
    wait("held \(lease.id)")
    try lease.release()
    say("released")
  }

  @Sendable private static func rehearse(_ location: CacheLocation, _: [String]) throws {
    let report = try RehearseMigrations().perform(in: ActionContext(location: location))
    say("ok \(report.bytes)")
  }

  @Sendable private static func reap(_ location: CacheLocation, _: [String]) throws {
    let context = ActionContext(location: location, options: OpenOptions(busyTimeout: 60))
    wait("ready")
    let report = try ReleaseLeases(.stuck).perform(in: context)
    say("ok \(report.released.map(\.lease.id.description).joined(separator: ","))")
  }
}
