import Foundation
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("The state of fbuild's daemon")
struct DaemonStateTests {
  /// A home folder, a /proc, and the cache in its usual place or elsewhere.
  private struct Host {
    let proc: ProcFixture
    let home: Scratch

    init() throws {
      proc = try ProcFixture()
      home = try Scratch()
    }

    var usualRoot: FilePath { home.file.appending(".fbuild/prod/cache") }

    /// Writes a file of the daemon, `ago` seconds before noon.
    func write(_ name: String, _ text: String, ago: Double = 800, mode: String = "prod") throws {
      let path = ".fbuild/\(mode)/daemon/\(name)"
      try home.write(path, text)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: noon - ago)],
        ofItemAtPath: home.sub(path))
    }

    func writeOwner(pid: String = "60021", root: FilePath? = nil, ago: Double = 800) throws {
      try write(
        "root-owner.json",
        """
        {"pid": \(pid), "exe": "/opt/fbuild-daemon", "version": "2.5.47", "mode": "prod",
        "cache_root_key": "\((root ?? usualRoot).string)", "port": 27436}
        """, ago: ago)
    }

    func addDaemon(_ pid: Int64 = 60_021, ago: Double = 801, state: String = "S") throws {
      try proc.add(pid, ago: ago, name: Array("fbuild-daemon".utf8), state: state)
    }

    func state(
      _ root: FilePath? = nil, reason: CacheLocation.Reason = .production
    ) -> DaemonState? {
      let location = CacheLocation(root: root ?? usualRoot, reason: reason)
      let options = OpenOptions(clock: .fixed(Int64(noon)))
      return ActionContext(location: location, options: options, procRoot: proc.folder.file)
        .daemonState(home: home.file)
    }
  }

  @Test("root-owner.json of 2.5.47 names pid and port of a daemon that runs")
  func current() throws {
    let host = try Host()
    try host.addDaemon()
    try host.writeOwner()
    #expect(host.state() == .up(pid: 60_021, port: 27_436))
  }

  @Test("the files of 2.2 and 2.4 name pid and port, too")
  func older() throws {
    let host = try Host()
    try host.addDaemon()
    try host.write("fbuild_daemon.pid", "60021\n")
    #expect(host.state() == .up(pid: 60_021, port: nil))
    try host.write("daemon.port", "8765")
    #expect(host.state() == .up(pid: 60_021, port: 8765))
    #expect(host.state("/srv/cache", reason: .environment) == nil)
  }

  @Test("the environment of an older daemon says whose cache it serves")
  func olderRoot() throws {
    let host = try Host()
    try host.addDaemon()
    try host.write("fbuild_daemon.pid", "60021")
    try host.proc.folder.write("60021/environ", "A=b\0FBUILD_CACHE_DIR=/srv/cache\0HOME=/x\0")
    #expect(host.state("/srv/cache", reason: .environment) == .up(pid: 60_021, port: nil))
    #expect(host.state() == .down)
    try host.proc.folder.write("60021/environ", "HOME=\(host.home.path)\0")
    #expect(host.state("/srv/cache", reason: .environment) == .down)
    #expect(host.state() == .up(pid: 60_021, port: nil))
    try host.proc.folder.write("60021/environ", "HOME=\(host.home.path)\0FBUILD_DEV_MODE=1\0")
    #expect(host.state() == .down)
    try host.proc.folder.write("60021/environ", "FBUILD_CACHE_DIR=cache\0")
    #expect(host.state("/srv/cache", reason: .environment) == nil)
  }

  @Test("a pid that is gone, another program's, a zombie's or younger than the file is no daemon")
  func stale() throws {
    let host = try Host()
    try host.writeOwner()
    #expect(host.state() == .down)
    try host.proc.add(60_021, name: Array("sshd".utf8))
    #expect(host.state() == .down)
    try host.addDaemon(state: "Z")
    #expect(host.state() == .down)
    try host.addDaemon(ago: 700)
    #expect(host.state() == .down)
    try host.addDaemon(ago: 800)
    #expect(host.state() == .up(pid: 60_021, port: 27_436))
  }

  @Test("a daemon of another cache is not this one's")
  func otherRoot() throws {
    let host = try Host()
    try host.addDaemon()
    try host.writeOwner(root: "/srv/cache")
    #expect(host.state() == .down)
    #expect(host.state("/srv/cache", reason: .environment) == .up(pid: 60_021, port: 27_436))
  }

  @Test("nothing is said where nothing can be known")
  func unknown() throws {
    let host = try Host()
    #expect(host.state() == .down)
    #expect(host.state("/srv/cache", reason: .option) == nil)
    #expect(host.state("/srv/cache", reason: .environment) == .down)
    try host.write("root-owner.json", "{\"pid\": \"x\"}")
    #expect(host.state() == nil)
    try host.writeOwner()
    try host.proc.folder.write("60021/stat", "garbage")
    #expect(host.state() == nil)
  }
}
