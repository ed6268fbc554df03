import CacheKit
import Foundation
import SystemPackage
import Testing

@Suite(
  "Lease verdicts across PID namespaces",
  .enabled(if: Permission.canUnshare && Permission.seesHost), .serialized)
struct RealNamespaceTests {
  let folder: Scratch
  let cache: Scratch

  init() throws {
    folder = try Scratch()
    cache = try Scratch()
  }

  /// Runs a shell script as process 1 of a new namespace; its output is the file `out`.
  private func container(_ script: String) throws -> RealProcess {
    try RealProcess(
      ["unshare", "-pf", "--mount-proc", "--kill-child", "sh", "-c", script],
      output: folder.sub("out"))
  }

  private func output() throws -> [Int64] {
    try eventually {
      guard let data = FileManager.default.contents(atPath: folder.sub("out")),
        data.last == UInt8(ascii: "\n")
      else { return nil }
      return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        .compactMap { Int64($0) }
    }
  }

  @Test("T-D4: an id that was really recycled is reused, with both times")
  func recycled() throws {
    let process = try container(
      """
      sleep 60 & P=$!; kill -9 $P; wait $P; echo $((P-1)) > /proc/sys/kernel/ns_last_pid
      sleep 60 & echo $P $!; wait
      """)
    let pids = try output()
    try #require(pids.count == 2 && pids[0] == pids[1])
    // The folder of the container's first process shows /proc as the container sees it.
    let first = try eventually { firstProcess(of: process) }
    var table = ProcessTable(procRoot: FilePath("/proc/\(first)/root/proc"), cacheRoot: cache.file)
    let judgement = table.judge(leaseNow(pid: pids[0], ago: 15))
    #expect(judgement.verdict == .reused)
    #expect(judgement.holder?.name == "sleep")
    #expect(judgement.evidence.hasSuffix("not the holder"))
    #expect(table.judge(leaseNow(pid: pids[0])).verdict == .alien)
    #expect(table.judge(leaseNow(pid: pids[0] + 1000)).verdict == .dead)
  }

  @Test("T-D9: the holder in a container is seen from the host by its inner id")
  func otherNamespace() throws {
    let process = try container("sleep 60 & echo $!; wait")
    let inner = try #require(try output().first)
    var table = ProcessTable(cacheRoot: cache.file)
    let judgement = table.judge(leaseNow(pid: inner))
    #expect(judgement.verdict == .namespace)
    #expect(judgement.holder?.namespacePIDs.last == inner)
    process.end()
    _ = try eventually {
      var table = ProcessTable(cacheRoot: cache.file)
      return table.namespaceCandidates(inner).processes.isEmpty ? true : nil
    }
  }

  /// Process 1 of a container, by its id here.
  private func firstProcess(of container: RealProcess) -> Int64? {
    var table = ProcessTable(cacheRoot: cache.file)
    return table.namespaceCandidates(1).processes.first { $0.parent == Int64(container.pid) }?.pid
  }
}
