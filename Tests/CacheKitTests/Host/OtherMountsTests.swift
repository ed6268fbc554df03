import Foundation
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("Processes that have the cache under another name")
struct OtherMountsTests {
  private static let staging = "\(HostShelf.shelf)/1.0_staging"
  /// It serves another cache, as far as its environment says.
  private static let elsewhere = "FBUILD_CACHE_DIR=/other\0HOME=/other\0"

  private func shelf() throws -> HostShelf {
    let shelf = try HostShelf()
    try shelf.proc.cache.write("index.sqlite", "")
    try shelf.proc.cache.write("\(Self.staging)/gcc.tar.part", "half")
    try shelf.home.write("other/.fbuild/prod/note", "")
    return shelf
  }

  private func removed(_ shelf: HostShelf) throws -> [RawText] {
    try FileManager.default.removeItem(atPath: shelf.proc.cache.sub("index.sqlite"))
    return try ClearLeftovers().perform(in: shelf.context).removed
  }

  @Test(
    "a path means what the mounts of its process make of it; a later mount covers an earlier one")
  func places() {
    let table = """
      1 0 8:1 / / rw - ext4 a rw
      2 1 8:1 /home/u/my\\040cache /cache rw - ext4 a rw
      3 2 0:9 / /cache/tmp rw - tmpfs t rw
      """
    let mounts = ProcessMounts(MountTable.parse(Array(table.utf8)))
    func place(_ path: String) -> String? {
      mounts.place(Array(path.utf8)).map {
        "\($0.device) \(String(decoding: $0.path, as: UTF8.self))"
      }
    }
    #expect(place("/cache/x/y") == "8:1 /home/u/my cache/x/y")
    #expect(place("/cache") == "8:1 /home/u/my cache" && place("/cachet") == "8:1 /cachet")
    #expect(place("/cache/tmp/x") == "0:9 /x" && place("/") == "8:1 ")
    #expect(place("socket:[7]") == nil)
    let chrooted = ProcessMounts(MountTable.parse(Array(table.utf8)), below: Array("/jail".utf8))
    #expect(chrooted.place(Array("/jail/cache/x".utf8))?.path == Array("/home/u/my cache/x".utf8))
    #expect(chrooted.place(Array("/cache/x".utf8)) == nil)
  }

  @Test(
    "what a process in a container has open, mapped or works in stays, whatever the path there",
    arguments: ["fd/9", "cwd", "exe", "maps"])
  func used(_ way: String) throws {
    let shelf = try shelf()
    try shelf.add(4122, ago: 900, program: "/usr/bin/less")
    try shelf.contain(4122, environment: "")
    let path = shelf.home.path + "/cache/\(Self.staging)/gcc.tar.part"
    if way == "maps" {
      try shelf.proc.folder.write(
        "4122/maps",
        "7f00-7f01 r--p 00000000 08:01 12      \(path)\n7f02-7f03 rw-p 0 00:00 0 [heap]\n")
    } else {
      try? FileManager.default.removeItem(atPath: shelf.proc.folder.sub("4122/\(way)"))
      try shelf.proc.folder.link("4122/\(way)", to: path)
    }
    #expect(try removed(shelf).isEmpty && shelf.exists(Self.staging))
  }

  @Test("a folder of a container that is called like one of ours is another one")
  func sameName() throws {
    let shelf = try shelf()
    try shelf.add(4122, ago: 900, program: "/usr/bin/less")
    try shelf.contain(4122, environment: "")
    try shelf.proc.folder.link(
      "4122/fd/9", to: shelf.home.path + shelf.root.string + "/\(Self.staging)/gcc.tar.part")
    #expect(try removed(shelf) == [RawText(Self.staging)])
  }

  @Test("fbuild with files of this cache open works on it, whatever its environment says")
  func open() throws {
    let shelf = try shelf()
    try shelf.add(4121, ago: 900)
    try shelf.contain(4121, environment: Self.elsewhere)
    try shelf.proc.folder.link("4121/fd/9", to: shelf.home.path + "/cache/index.sqlite")
    let report = try ClearLeftovers().perform(in: shelf.context)
    #expect(report.removed.isEmpty && shelf.exists(Self.staging))
    try FileManager.default.removeItem(atPath: shelf.proc.folder.sub("4121/fd/9"))
    #expect(try removed(shelf) == [RawText(Self.staging)], "it serves another cache")
  }

  @Test("where it cannot be told what a path of a container means, nothing is proved")
  func unknown() throws {
    let shelf = try shelf()
    try shelf.add(4121, ago: 900)
    try shelf.contain(4121, environment: "FBUILD_CACHE_DIR=/nowhere\0HOME=/nowhere\0")
    #expect(try removed(shelf).isEmpty && shelf.exists(Self.staging))
  }

  @Test("a daemon in a container is found by its index or by what its path means there")
  func daemons() throws {
    let shelf = try shelf()
    for pid in [500, 501, 502] as [Int64] {
      try shelf.proc.add(pid, ago: 30, name: Array("fbuild-daemon".utf8), namespaces: [pid, 7])
      try shelf.proc.folder.link("\(pid)/fd/0", to: "/dev/null")
      try shelf.contain(pid, environment: Self.elsewhere)
    }
    try shelf.proc.folder.link("500/fd/9", to: shelf.home.path + "/cache/index.sqlite")
    // Its root is the folder that the cache is in.
    try FileManager.default.removeItem(atPath: shelf.proc.folder.sub("501/root"))
    try shelf.proc.folder.link("501/root", to: shelf.root.removingLastComponent().string)
    let name = shelf.root.lastComponent?.string ?? ""
    try shelf.proc.folder.write("501/environ", "FBUILD_CACHE_DIR=/\(name)\0HOME=/other\0")
    let report = HostSurvey(shelf.context).read()
    #expect(report.daemons.map(\.process.pid) == [500, 501])
    #expect(report.foreignCollectors.map(\.pid) == [500, 501])
  }

  @Test("a relative FBUILD_CACHE_DIR means a folder of the daemon's working folder")
  func relative() throws {
    let shelf = try shelf()
    try shelf.proc.add(500, ago: 30, name: Array("fbuild-daemon".utf8))
    let name = shelf.root.lastComponent?.string ?? ""
    try shelf.proc.folder.write("500/environ", "FBUILD_CACHE_DIR=\(name)\0HOME=/other\0")
    #expect(HostSurvey(shelf.context).read().daemons.isEmpty)
    try shelf.proc.folder.link("500/cwd", to: shelf.root.removingLastComponent().string)
    #expect(HostSurvey(shelf.context).read().daemons.map(\.process.pid) == [500])
  }

  @Test(
    "a real process of another mount namespace keeps what it works in",
    .enabled(if: Permission.canUnshare && Permission.seesHost))
  func real() throws {
    let shelf = try shelf()
    let out = shelf.home.sub("out")
    let view = shelf.home.sub("other")
    let process = try RealProcess(
      [
        "unshare", "-m", "sh", "-c",
        "mount --bind \(shelf.root.string) \(view) && cd \(view)/\(Self.staging) && echo ok && exec sleep 60",
      ], output: out)
    _ = try eventually { FileManager.default.contents(atPath: out)?.isEmpty == false ? true : nil }
    func users() -> [Int64] {
      var processes = ProcessTable(cacheRoot: shelf.root)
      let place = shelf.root.appending(Self.staging)
      return processes.users(below: [bytes(of: place)]).users.map(\.process.pid)
    }
    #expect(users() == [Int64(process.pid)])
    process.end()
    #expect(users().isEmpty)
  }
}
