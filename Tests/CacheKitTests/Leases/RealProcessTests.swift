import CacheKit
import Foundation
import SystemPackage
import Testing

@Suite("Lease verdicts on real processes", .enabled(if: Permission.seesHost), .serialized)
struct RealProcessTests {
  let cache: Scratch
  let folder: Scratch

  init() throws {
    cache = try Scratch()
    folder = try Scratch()
    try cache.write("index.sqlite", "x")
  }

  private func judge(_ lease: Lease) -> Judgement {
    var table = ProcessTable(cacheRoot: cache.file)
    return table.judge(lease)
  }

  @Test("T-D1: a running fbuild holds its lease")
  func live() throws {
    let holder = try RealProcess(named: "fbuild-daemon", in: folder)
    let judgement = try eventually {
      let judgement = judge(leaseNow(pid: Int64(holder.pid)))
      return judgement.verdict == .live ? judgement : nil
    }
    #expect(judgement.holder?.arguments.last == "60")
    #expect(judgement.holder?.parent == Int64(getpid()))
  }

  @Test("T-D2, T-D3: a killed holder is a zombie until it is reaped, and dead afterwards")
  func killed() throws {
    let holder = try RealProcess(named: "fbuild", in: folder)
    let lease = leaseNow(pid: Int64(holder.pid))
    holder.send(SIGKILL)
    _ = try eventually { judge(lease).verdict == .zombie ? true : nil }
    #expect(judge(lease).evidence.contains("waits for its parent \(getpid())"))
    holder.reap()
    #expect(judge(lease).verdict == .dead)
  }

  @Test("A stopped holder is stopped, and live again when it goes on")
  func stopped() throws {
    let holder = try RealProcess(named: "fbuild", in: folder)
    let lease = leaseNow(pid: Int64(holder.pid))
    holder.send(SIGSTOP)
    _ = try eventually { judge(lease).verdict == .stopped ? true : nil }
    holder.send(SIGCONT)
    _ = try eventually { judge(lease).verdict == .live ? true : nil }
  }

  @Test("T-D4: a process that is younger than the lease is not its holder")
  func younger() throws {
    let process = try RealProcess(named: "other", in: folder)
    #expect(judge(leaseNow(pid: Int64(process.pid), ago: 20)).verdict == .reused)
    #expect(judge(leaseNow(pid: Int64(process.pid), ago: 1)).verdict == .alien)
  }

  @Test("T-D7: a young process that has the index open is not called gone")
  func opensIndex() throws {
    let process = try RealProcess(named: "other", in: folder, input: cache.sub("index.sqlite"))
    let lease = leaseNow(pid: Int64(process.pid), ago: 20)
    let judgement = judge(lease)
    #expect(judgement.verdict == .unknown && judgement.holder?.opensIndex == true)
    var table = ProcessTable(cacheRoot: cache.file)
    #expect(table.indexOpeners().processes.map(\.pid) == [Int64(process.pid)])
    #expect(
      table.holderCard(Int64(process.pid))?.openFiles.first?.string?.hasSuffix("index.sqlite")
        == true)
    process.end()
    var later = ProcessTable(cacheRoot: cache.file)
    #expect(later.indexOpeners().processes.isEmpty)
  }

  @Test("The index is known by its inode under another path")
  func otherPath() throws {
    let other = try Scratch()
    try FileManager.default.linkItem(
      atPath: cache.sub("index.sqlite"), toPath: other.sub("index.sqlite"))
    let process = try RealProcess(named: "other", in: folder, input: other.sub("index.sqlite"))
    #expect(judge(leaseNow(pid: Int64(process.pid), ago: 20)).verdict == .unknown)
    try other.write("2/index.sqlite", "another file of the same name")
    let stranger = try RealProcess(named: "other", in: folder, input: other.sub("2/index.sqlite"))
    #expect(judge(leaseNow(pid: Int64(stranger.pid), ago: 20)).verdict == .reused)
  }

  @Test("T-D14: a process that has taken a lease knows its own by the nonce")
  func ownNonce() throws {
    let root = try Scratch()
    let disk = try DiskCache.open(at: CacheLocation(root: FilePath(root.sub("cache"))))
    defer { disk.close() }
    let entry = try disk.recordInstall(
      kind: .packages, url: "https://example.com/x", version: "1", path: "packages/x", bytes: 1)
    let held = try disk.lease(entry)
    let lease = try #require(
      try DiskCache.inspect(at: disk.location).leases().first { $0.id == held.id })
    #expect(judge(lease).verdict == .`self`)
    var earlier = lease
    earlier.id.nonce = held.id.nonce.map { $0 - 1 }
    #expect(judge(earlier).verdict != .`self`)
    try held.release()
  }

  @Test("T-D22: a program with brackets and spaces in its name")
  func brackets() throws {
    let process = try RealProcess(named: "fbuild) S (1", in: folder)
    let judgement = try eventually {
      let judgement = judge(leaseNow(pid: Int64(process.pid)))
      return judgement.verdict == .live ? judgement : nil
    }
    #expect(judgement.holder?.name == "fbuild) S (1")
  }

  @Test("An id that a thread of another process has is reused")
  func thread() throws {
    final class Box: @unchecked Sendable { var id: Int64 = 0 }
    let (box, started, finish) = (Box(), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let worker = Thread {
      let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
      box.id = link?.split(separator: "/").last.flatMap { Int64($0) } ?? 0
      started.signal()
      finish.wait()
    }
    worker.start()
    started.wait()
    defer { finish.signal() }
    #expect(judge(leaseNow(pid: box.id)).verdict == .reused)
  }

  @Test("Process 2, a kernel thread, holds nothing", .enabled(if: isKernelThread(2)))
  func kernelThread() {
    #expect(judge(leaseNow(pid: 2)).verdict == .reused)
  }

  @Test("T-D11: another user's process is alive and named", .enabled(if: Permission.isRoot))
  func otherUser() throws {
    let name = folder.sub("fbuild")
    try FileManager.default.copyItem(atPath: "/bin/sleep", toPath: name)
    for path in [folder.path, name] { chmod(path, 0o755) }
    let process = try RealProcess(
      ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", name, "60"])
    let judgement = try eventually {
      let judgement = judge(leaseNow(pid: Int64(process.pid)))
      return judgement.verdict == .live ? judgement : nil
    }
    #expect(judgement.holder?.uid == 65534)
    #expect(judgement.holder?.userName == "nobody")
  }

  @Test("A real lock on SQLite's bytes names its holder")
  func locks() throws {
    try cache.write("index.sqlite-shm", [UInt8](repeating: 0, count: 200))
    try cache.write("lock", "")
    let holder = try RealProcess(["flock", cache.sub("lock"), "sleep", "60"])
    let found = try eventually {
      var table = ProcessTable(cacheRoot: cache.file)
      return table.fileLocks(FilePath(cache.sub("lock"))).first
    }
    #expect(found.pid == Int64(holder.pid) && found.name == "flock")
    #expect(found.phrase == "flock \(holder.pid)")

    let file = open(cache.sub("index.sqlite-shm"), O_RDWR)
    defer { close(file) }
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    (lock.l_start, lock.l_len) = (120, 1)
    try #require(fcntl(file, F_SETLK, &lock) == 0)
    var table = ProcessTable(cacheRoot: cache.file)
    let holders = table.indexLocks(root: cache.file)
    #expect(holders.map(\.lock) == [.write] && holders.first?.pid == Int64(getpid()))
  }

  private static func isKernelThread(_ pid: Int64) -> Bool {
    var table = ProcessTable(cacheRoot: "/")
    return table.probe(pid).facts?.isKernelThread == true
  }
}
