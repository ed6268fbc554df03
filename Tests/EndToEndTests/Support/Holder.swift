import Foundation
import TestSupport

/// A real process that holds a lease, as far as the index says.
struct Holder {
  let child: Child
  let nonce: UInt64
  let entry: Int

  var id: String { "\(entry):\(child.pid):\(nonce)" }

  /// Starts a process called `name` and records a lease of it on `entry`, taken `age` seconds ago.
  init(_ sandbox: Sandbox, entry: Int, name: String = "fbuild", age: Int = 0) async throws {
    let program = sandbox.folder.appending(path: name)
    if !FileManager.default.fileExists(atPath: program.path) {
      let sleep = URL(filePath: Shell.find("sleep") ?? "/bin/sleep").resolvingSymlinksInPath()
      try FileManager.default.copyItem(at: sleep, to: program)
    }
    // It ends by itself, should the test die before it can end it.
    child = try Child(program.path, ["300"])
    let taken = Date.now.timeIntervalSince1970 - Double(age)
    nonce = UInt64(taken * 1_000_000_000)
    self.entry = entry
    try await sandbox.addLease(entry: entry, pid: Int64(child.pid), nonce: nonce, at: Int(taken))
  }

  /// Kills the holder without giving it a chance to release, and waits until it is gone.
  func kill() async throws {
    child.signal(SIGKILL)
    _ = try await child.result()
  }
}

extension Sandbox {
  func addLease(entry: Int, pid: Int64, nonce: UInt64, refcount: Int = 1, at time: Int) async throws
  {
    try await sqlite(
      """
      INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)
      VALUES (\(entry), \(pid), \(Int64(bitPattern: nonce)), \(refcount), \(time));
      UPDATE entries SET pinned =
        (SELECT coalesce(sum(refcount), 0) FROM leases WHERE entry_id = entries.id);
      """)
  }

  /// The verdict of each lease, by the entry that it names.
  func verdicts() async throws -> [Int64: String] {
    let leases = try await report("leases")["leases"].items
    let pairs = leases.compactMap { lease in
      lease["entry_id"].integer.flatMap { id in lease["verdict"].text.map { (id, $0) } }
    }
    return Dictionary(pairs) { first, _ in first }
  }

  func pinned(_ entry: Int) async throws -> String {
    try await sqlite("SELECT pinned FROM entries WHERE id = \(entry)")
  }
}
