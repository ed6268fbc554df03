import Foundation
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Targets that are left alone")
struct PlacedTargetTests {
  private let folder: TemporaryFolder
  private let location: CacheLocation

  init() throws {
    folder = try TemporaryFolder()
    location = CacheLocation(
      root: folder.path("cache"), stateFolder: folder.path("state/cachescope"))
  }

  private func put(
    _ bytes: [UInt8], _ extract: LinkFile.Extract = .tarGz, hash: Character = "a",
    usesHardLinks: Bool = false
  ) throws -> Bool {
    try folder.write("blob", bytes)
    let placed = PlacedTargets(location)
    var materializer = Materializer(folder: folder.path("into"))
    materializer.placed = placed
    materializer.usesHardLinks = usesHardLinks
    let link = LinkFile(
      url: "http://h/a", sha256: String(repeating: hash, count: 64), extract: extract)
    let result = try materializer.put(folder.path("blob"), for: "out.fetch", link)
    placed.save()
    return result.isUntouched
  }

  private var archive: [UInt8] {
    tar {
      $0.add("d/x", content: [1, 2], time: 1_700_000_000)
      $0.add("d/l", type: "2", link: "x")
      $0.add("d/second", type: "1", link: "d/x")
      $0.add("e/", type: "5", time: 1_700_000_000)
    }
  }

  /// Notes are kept only where change times are fine.
  private var isKept: Bool {
    ["ext4", "tmpfs", "xfs", "btrfs", "overlay", "f2fs", "zfs", "bcachefs"]
      .contains(FileSystemKind.of(folder.root).name)
  }

  @Test("A target that is what this blob gave is left alone; another blob replaces it")
  func untouched() throws {
    guard isKept else { return }
    #expect(try !put(archive))
    #expect(try put(archive))
    #expect(try put(archive))
    #expect(try !put(archive, hash: "b"))
    #expect(try put(archive, hash: "b"))
    #expect(try !put([7], .file))
    #expect(try put([7], .file))
  }

  @Test("Whatever was done to a target, the next pull makes it anew")
  func touched() throws {
    guard isKept else { return }
    let out = folder.path("into/out")
    func at(_ name: String) -> String { out.pushing(FilePath(name)).string }
    // Same size, and the old modification time put back: the change time tells.
    func forge() throws {
      var info = stat()
      try #require(stat(at("d/x"), &info) == 0)
      let file = open(at("d/x"), O_WRONLY)
      #expect(pwrite(file, [9], 1, 0) == 1)
      #expect(futimens(file, [info.st_atim, info.st_mtim]) == 0)
      close(file)
    }
    let changes: [(String, () throws -> Void)] = [
      ("forged", forge),
      ("added", { close(open(at("d/new"), O_CREAT | O_WRONLY, 0o644)) }),
      ("removed", { unlink(at("d/second")) }),
      ("mode", { chmod(at("d/x"), 0o600) }),
      ("folder", { chmod(at("e"), 0o700) }),
      ("root", { chmod(out.string, 0o700) }),
      ("renamed", { rename(at("d/l"), at("d/m")) }),
      ("whole", { try FileManager.default.removeItem(atPath: out.string) }),
    ]
    for (name, change) in changes {
      _ = try put(archive)
      #expect(try put(archive), "\(name): before")
      try change()
      #expect(try !put(archive), "\(name)")
      #expect(folder.read("into/out/d/x") == [1, 2] && folder.read("into/out/d/l") == [1, 2])
    }
  }

  @Test("A hard link is left alone, and a copy takes its place where one is asked for")
  func hardLinks() throws {
    #expect(try !put([1], .file, usesHardLinks: true))
    let info = try #require(NodeStamp(folder.path("blob")))
    let materializer = {
      var found = Materializer(folder: folder.path("into"))
      found.usesHardLinks = true
      return found
    }()
    let link = LinkFile(url: "http://h/a", sha256: String(repeating: "a", count: 64))
    // The blob was written anew by the test, so the target is another file's first.
    _ = try materializer.put(folder.path("blob"), for: "out.fetch", link)
    #expect(NodeStamp(folder.path("into/out"))?.inode == info.inode)
    #expect(try materializer.put(folder.path("blob"), for: "out.fetch", link).isUntouched)
    #expect(try !put([1], .file))
    #expect(NodeStamp(folder.path("into/out"))?.inode != NodeStamp(folder.path("blob"))?.inode)
  }

  @Test("A damaged note costs time, never truth")
  func damaged() throws {
    guard isKept else { return }
    _ = try put(archive)
    let path = "state/cachescope/placed"
    let text = String(decoding: try #require(folder.read(path)), as: UTF8.self)
    for broken in [
      "", "x", text.replacing(" ", with: "  "), String(text.dropLast(20)) + "zz\n", text + text,
    ] {
      try folder.write(path, broken)
      _ = try put(archive)
      #expect(folder.read("into/out/d/x") == [1, 2])
    }
    #expect(try put(archive))
  }
}
