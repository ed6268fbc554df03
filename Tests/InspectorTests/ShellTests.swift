import Foundation
import Inspector
import SystemPackage
import TUI
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("A shell in the folder of a row")
struct ShellTests {
  private func folder(_ keys: String, _ cache: FakeCache = Samples.linkCache()) -> String? {
    let player = Player(cache) { $0.shell = "/bin/zsh" }.press(keys)
    for case .run(let arguments, let folder) in player.headless.effects {
      #expect(arguments.last == "/bin/zsh")
      return folder
    }
    return nil
  }

  @Test("b opens it where the row lies, and in the cache elsewhere")
  func places() {
    #expect(folder("1b") == "/cache")
    #expect(folder("2b") == "/cache/installed/toolchains/xtensa-gcc")
    #expect(folder("3b") == "/cache")
    #expect(folder("5b") == "/home/ada/proj/assets")
  }

  @Test("where the folder cannot be told a sentence says so and nothing is started")
  func missing() {
    let cache = Samples.linkCache()
    cache.change { $0.links.items = [] }
    let player = Player(cache).press("5b")
    #expect(player.shows("/home/ada/proj is not there"))
    #expect(player.headless.effects.isEmpty)
  }

  @Test(
    "-rr starts neither shell nor editor nor pager, says why, and offers none",
    arguments: ["5b", "5e", "4e"])
  func noPrograms(keys: String) {
    let player = Player(Samples.linkCache(), size: "160x50") { $0.startsPrograms = false }
    player.press(keys)
    #expect(player.shows("no other program is started: cachescope runs with -rr"))
    #expect(player.headless.effects.isEmpty)
    #expect(!player.shows("e edit"))
    player.press("?")
    #expect(!player.shows("a shell in the folder") && !player.shows("in the editor"))
    #expect(!player.shows("in the pager"))
  }

  @Test("read-only alone leaves the shell: what is done there is not done by cachescope")
  func readOnly() {
    let player = Player { $0.readOnlyReason = "started with --read-only" }.press("2b")
    #expect(player.headless.effects.count == 1)
  }

  @Test("the code of a shell counts only where it ended at once; the cache is read again")
  func ended() {
    let player = Player().press("2b")
    player.cache.change { $0.entries = [] }
    player.headless.advance(milliseconds: 60_000)
    player.headless.send(.childEnded(1))
    #expect(!player.shows("code"))
    #expect(player.shows("no entries"))
    player.press("b")
    player.headless.send(.childEnded(127))
    #expect(player.shows("/bin/sh ended at once with code 127"))
    player.headless.send(.childEnded(3))
    #expect(player.shows("the program ended with code 3"))
  }
}

@Suite("The folder of a row on disk")
struct RowFolderTests {
  private let cache: TemporaryCache
  private let service: CacheService

  init() throws {
    cache = try Fixture.v2547.copied()
    service = try CacheService(ActionContext(location: cache.location))
    for folder in ["installed/tool/1", "archives/lnk-blobs/a"] {
      try FileManager.default.createDirectory(
        atPath: cache.path(folder), withIntermediateDirectories: true)
    }
    try Data("x".utf8).write(to: URL(filePath: cache.path("archives/lnk-blobs/a/site.bin")))
  }

  private func folder(_ installed: RawText?, _ archive: RawText?) throws -> String {
    try service.folder(of: .entry(installed: installed, archive: archive))
  }

  @Test("what is installed, else the folder of the archive, else the nearest one that is there")
  func nearest() throws {
    let blob = RawText(cache.path("archives/lnk-blobs/a/site.bin"))
    #expect(try folder("installed/tool/1", blob) == cache.path("installed/tool/1"))
    #expect(try folder("installed/gone/1", blob) == cache.path("archives/lnk-blobs/a"))
    #expect(try folder(nil, blob) == cache.path("archives/lnk-blobs/a"))
    #expect(try folder("installed/tool/2", nil) == cache.path("installed/tool"))
    #expect(try folder(nil, nil) == cache.root.string)
    #expect(try service.folder(of: .cache) == cache.root.string)
  }

  @Test(
    "a path that leaves the cache opens nothing", arguments: ["../x", "/etc", "installed/../../x"])
  func outside(path: String) {
    #expect(throws: CacheError.self) { try folder(RawText(path), nil) }
    #expect(throws: CacheError.self) { try folder(nil, RawText(path)) }
  }

  @Test("a project that is gone leads to the folder above it, a cache that is gone nowhere")
  func gone() throws {
    let above = cache.root.removingLastComponent()
    let pointer = above.appending("proj/src/a.lnk")
    #expect(try service.folder(of: .pointer(pointer)) == above.string)
    try FileManager.default.removeItem(atPath: cache.root.string)
    #expect(throws: CacheError.self) { try service.folder(of: .cache) }
    #expect(throws: CacheError.self) { try folder("installed/tool/1", nil) }
  }

  @Test("a name that is not UTF-8 opens the folder above it")
  func invalidName() throws {
    let above = cache.root.removingLastComponent()
    let name = FilePath(platformString: [0x61, -1, 0x62, 0])
    let folder = above.pushing(name)
    _ = folder.withPlatformString { mkdir($0, 0o755) }
    #expect(try service.folder(of: .pointer(folder.appending("a.lnk"))) == above.string)
  }
}
