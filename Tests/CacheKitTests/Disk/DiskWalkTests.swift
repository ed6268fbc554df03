import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("Where the bytes are")
struct DiskWalkTests {
  /// What du says in bytes, each inode once.
  private func du(_ paths: [String]) async throws -> UInt64 {
    let result = try await Shell.run("du", ["-sc", "--block-size=1"] + paths)
    let last = result.text.split(separator: "\n").last ?? ""
    return try #require(last.split(whereSeparator: \.isWhitespace).first.flatMap { UInt64($0) })
  }

  private func tree() throws -> Scratch {
    let scratch = try Scratch()
    for (number, name) in ["a/b/c/one", "a/b/two", "a/three", "d/four", "five"].enumerated() {
      try scratch.write(name, [UInt8](repeating: 1, count: 5000 * (number + 1)))
    }
    try FileManager.default.linkItem(
      atPath: scratch.sub("a/b/c/one"), toPath: scratch.sub("d/same"))
    try FileManager.default.linkItem(
      atPath: scratch.sub("a/b/c/one"), toPath: scratch.sub("a/same"))
    try scratch.link("d/link", to: "/usr")
    let sparse = try FileHandle(forWritingTo: URL(filePath: scratch.sub("five")))
    try sparse.truncate(atOffset: 50 << 20)
    try sparse.close()
    return scratch
  }

  @Test("the sum of all folders is what du says, to the block", arguments: [0, 1, 2, 9])
  func sum(depth: Int) async throws {
    let (first, second) = (try tree(), try tree())
    let nodes = DiskWalk(depth: depth).run([first.file, second.file])
    let sum = nodes.reduce(UInt64(0)) { $0 + $1.bytes }
    #expect(sum == (try await du([first.path, second.path])))
    #expect(nodes.allSatisfy { $0.depth <= depth && $0.isComplete })
    #expect(nodes.reduce(0) { $0 + $1.files } == 2 * 6)
  }

  @Test("a file with several names counts for the first of its folders, whoever reads first")
  func linked() throws {
    let scratch = try tree()
    let bytes = (0..<8).map { _ in
      let nodes = DiskWalk(depth: 1).run([scratch.file], jobs: 4)
      return nodes.first { $0.name == Array("d".utf8) }?.bytes
    }
    #expect(Set(bytes).count == 1)
  }

  @Test("a walk that is cancelled ends, and a root that is not there counts nothing")
  func cancelled() throws {
    let scratch = try tree()
    let nodes = DiskWalk(depth: 9).run([scratch.file], isCancelled: { true })
    #expect(nodes.count == 1)
    #expect(DiskWalk(depth: 1).run([scratch.file.appending("nothing")]).isEmpty)
  }

  @Test(
    "who removes a folder follows from its place",
    arguments: [
      (["archives", "lnk-blobs", "s", "h", "v"], true, DiskRemover.gc),
      (["archives", "lnk-blobs", "s", "h", "v"], false, .daemonStart),
      (["archives", "lnk-blobs", "s", "h", "v.partial"], false, .daemonStart),
      (["toolchains", "s", "h", "v"], true, .gc), (["toolchains", "s", "h", "v"], false, .purge),
      (["toolchains", "s", "h", "v_staging"], false, .nextInstall),
      (["toolchains", "s", "h", ".v.install.lock"], false, .nextInstall),
      (["core"], false, .clean), (["quarantine"], false, .cachescope), (["usb"], false, .purge),
    ])
  func owners(place: [String], hasRow: Bool, remover: DiskRemover) {
    #expect(DiskOwner.of(.cache, place, hasRow: hasRow).remover == remover)
  }

  @Test("the report tells of folders with what is in them, and of the entries that have rows")
  func report() async throws {
    let shelf = try HostShelf()
    try shelf.package("1.0", files: ["bin/gcc": 0o755])
    let report = try ShowDisk(depth: 4).perform(in: shelf.context)
    #expect(report.total == (try await du([shelf.proc.cache.path])))
    #expect(report.folders.first?.bytes == report.total && report.isComplete)
    #expect(
      report.folders.map(\.path.readable).suffix(4) == [
        "toolchains", "toolchains/arduino-tools", HostShelf.shelf, "\(HostShelf.shelf)/1.0",
      ])
    #expect(report.folders.last?.remover == .purge)
  }
}
