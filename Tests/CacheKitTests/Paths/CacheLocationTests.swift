import CacheKit
import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("Which cache is meant")
struct CacheLocationTests {
  private func choose(
    _ variables: [String: FilePath], option: FilePath? = nil
  ) throws -> CacheLocation {
    try CacheLocation.choose(option: option, environment: { variables[$0] })
  }

  @Test("FBUILD_CACHE_DIR is taken verbatim, before HOME and the development mode")
  func environmentWins() throws {
    let chosen = try choose([
      "FBUILD_CACHE_DIR": "/srv/cache", "HOME": "/home/ci", "FBUILD_DEV_MODE": "1",
    ])
    #expect(chosen.root == "/srv/cache" && chosen.reason == .environment)
    #expect(chosen.stateFolder == "/home/ci/.local/state/cachescope")
  }

  @Test("a caller's own choice comes before FBUILD_CACHE_DIR")
  func optionWins() throws {
    let chosen = try choose(["FBUILD_CACHE_DIR": "/srv/cache"], option: "/opt/other")
    #expect(chosen == CacheLocation(root: "/opt/other", reason: .option))
  }

  @Test("an empty FBUILD_CACHE_DIR means the working folder, as for fbuild")
  func emptyIsTheWorkingFolder() throws {
    let chosen = try choose(["FBUILD_CACHE_DIR": "", "HOME": "/home/ci"])
    #expect(chosen.reason == .environment)
    #expect(chosen.root == FilePath(FileManager.default.currentDirectoryPath))
  }

  @Test("T-I6: a relative FBUILD_CACHE_DIR is made absolute at the start")
  func relativeIsFixed() throws {
    let chosen = try choose(["FBUILD_CACHE_DIR": "rel/cache"])
    #expect(chosen.root == FilePath(FileManager.default.currentDirectoryPath + "/rel/cache"))
  }

  @Test("the development mode is exactly 1")
  func developmentMode() throws {
    for (value, folder) in [("1", "dev"), ("true", "prod"), ("01", "prod"), ("", "prod")] {
      let chosen = try choose(["HOME": "/home/ci", "FBUILD_DEV_MODE": FilePath(value)])
      #expect(
        chosen.root == FilePath("/home/ci/.fbuild/\(folder)/cache"), "FBUILD_DEV_MODE=\(value)")
    }
    #expect(try choose(["HOME": "/home/ci"]).reason == .production)
  }

  @Test("T-I6: no HOME and no FBUILD_CACHE_DIR is an error with a hint")
  func nothingNamesACache() {
    for variables: [String: FilePath] in [[:], ["HOME": ""]] {
      let error = #expect(throws: CacheError.self) { try choose(variables) }
      #expect(error?.code == .invalidInput)
      #expect(error?.hint?.isEmpty == false)
    }
  }

  @Test("T-I6: .. after a symbolic link leads where the system says, not where the text says")
  func parentOfALink() throws {
    let cache = try TemporaryCache()
    try FileManager.default.createDirectory(
      atPath: cache.path("real/inner"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: cache.path("link"), withDestinationPath: cache.path("real/inner"))
    let chosen = CacheLocation(root: FilePath(cache.path("link/../target")))
    #expect(chosen.root.string.hasSuffix("/real/target"), "\(chosen.root)")
  }

  @Test("T-I6: a root with spaces, newlines and bytes that are no UTF-8 is used as it is")
  func oddRoots() throws {
    for name in ["with space", "new\nline", "per%cent?#&", "caf\u{E9}"] {
      let cache = try TemporaryCache()
      let location = CacheLocation(root: cache.root.appending(name))
      try DiskCache.open(at: location).close()
      #expect(FileManager.default.fileExists(atPath: cache.path("\(name)/index.sqlite")))
      #expect(try DiskCache.inspect(at: location).statistics().entries == 0)
    }
  }

  @Test("T-I6: a root whose name is no UTF-8 is opened under exactly these bytes")
  func invalidUTF8Root() throws {
    let cache = try TemporaryCache()
    let name: [CChar] = [0x62, -1, -2, 0x61, 0]
    let location = CacheLocation(root: cache.root.pushing(FilePath(platformString: name)))
    try DiskCache.open(at: location).close()
    #expect(try DiskCache.inspect(at: location).statistics().entries == 0)
    let found = location.index.withPlatformString { access($0, F_OK) }
    #expect(found == 0)
  }

  @Test("the folder of a version is archives or installed, kind, stem, hash, version")
  func folders() {
    let location = CacheLocation(root: "/c")
    let folder = location.folder(
      .archive, kind: .lnkBlobs, url: "https://e.org/a.bin", version: "v/1")
    let hash = CachePaths.hash(ofURL: "https://e.org/a.bin")
    let version = CachePaths.sanitizedComponent("v/1")
    #expect(folder == FilePath("/c/archives/lnk-blobs/e-a.bin/\(hash)/\(version)"))
    #expect(location.resolve("platforms/x") == "/c/platforms/x")
    #expect(location.resolve("/abs/x") == "/abs/x")
  }
}
