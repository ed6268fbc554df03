import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Places")
struct PlaceTests {
  private static let table = Array(
    """
    36 35 98:0 / /srv/a\\040b rw,noatime shared:1 - ext4 /dev/sda1 rw,errors=continue
    37 35 0:40 / /srv/far rw - fuse.sshfs host:/x rw,user_id=0
    38 35 0:41 / /srv/near rw - fuse.fuse-overlayfs fuse-overlayfs rw
    39 35 0:42 / /srv/disk rw - fuseblk /dev/loop0 rw
    40 35 0:43 / /srv/odd rw - fuse.made-up x rw
    41 35 0:44 / /srv/bare rw - fuse x rw
    torn line
    42 35 0:45 / /srv/short rw -
    """.utf8)

  @Test("The kernel's table of mounts is read with its escapes, and torn lines are left out")
  func mounts() {
    let mounts = MountTable.parse(Self.table)
    #expect(mounts.map(\.number) == [36, 37, 38, 39, 40, 41])
    #expect(mounts[0].point == "/srv/a b" && mounts[0].type == "ext4")
    #expect(mounts[1].source == "host:/x")
  }

  @Test("T-M5: FUSE is local where its program serves this host, and shared where nobody knows it")
  func localFUSE() {
    let mounts = MountTable.parse(Self.table)
    let shared = mounts.dropFirst().map { FileSystemKind.isShared($0) }
    #expect(shared == [true, false, false, true, true])
    #expect(FileSystemKind.isShared(nil))
    // What shows a folder is as local as that, with or without a name of the program.
    for type in ["fuse.bindfs", "fuse"] {
      let folder = MountedPlace(number: 1, point: "/nowhere", type: type, source: "/proc")
      #expect(!FileSystemKind.isShared(folder))
    }
  }

  @Test(
    "T-M6: a folder is the same by all its names, and what lies in it lies in it by all of them")
  func identity() throws {
    let folder = try TemporaryFolder()
    try folder.write("real/cache/archives/x/blob", [1])
    try folder.write("other/blob", [1])
    let files = FileManager.default
    try files.createSymbolicLink(
      atPath: folder.path("home").string, withDestinationPath: folder.path("real").string)
    let root = folder.path("real/cache")
    let alias = folder.path("home/cache/archives/x/blob")
    #expect(PathIdentity.rest(of: alias, below: root) == "archives/x/blob")
    #expect(PathIdentity.rest(of: folder.path("home/cache/archives/gone/y"), below: root) != nil)
    #expect(PathIdentity.isInside(folder.path("real/cache"), folder.path("home/cache")))
    #expect(PathIdentity.isSame(alias, folder.path("real/cache/archives/x/blob")))
    #expect(!PathIdentity.isInside(folder.path("other/blob"), root))
    #expect(!PathIdentity.isInside(folder.path("real/cache2"), root))
    // After a link `..` leads elsewhere than its text says.
    #expect(!PathIdentity.isInside(folder.path("home/../cache/archives"), root))
    let bytes = CacheGround.bytes(of:)
    #expect(
      RootAliases.alias(of: bytes(root), in: bytes(alias)) == bytes(folder.path("home/cache")))
    #expect(RootAliases.alias(of: bytes(root), in: bytes(folder.path("other/archives/x"))) == nil)
  }

  @Test("T-M6: names that fall together are known by one key")
  func folding() {
    #expect(NameFolding.key("Readme.MD") == NameFolding.key("README.md"))
    #expect(NameFolding.key("Stra\u{DF}e") == NameFolding.key("STRASSE"))
    #expect(NameFolding.key("e\u{301}") == NameFolding.key("\u{C9}"))
    #expect(NameFolding.key("a") != NameFolding.key("b"))
    #expect(!NameFolding.folds("/proc"))
  }

  @Test("T-M7: what is missing is named: bytes or inodes, the file system and its mount point")
  func room() throws {
    var room = DiskRoom(bytes: 0, reserved: 5, inodes: 7, kind: "ext4", point: "/srv")
    #expect(room.words == "0 bytes are free on ext4 at /srv, 5 more are reserved for root")
    #expect(room.hint.hasPrefix("Free space"))
    room.inodes = 0
    #expect(room.words == "no inodes are free on ext4 at /srv")
    #expect(room.hint.hasPrefix("Remove files"))
    let here = try #require(DiskRoom.at("/proc/1/no/such"))
    #expect(here.point == "/proc" && here.kind == "proc")
  }

  @Test("Blocks that are reserved for root are neither used nor free")
  func reserved() {
    #expect(DiskSpace(total: 100, free: 40, reserved: 30).used == 30)
    #expect(DiskSpace(total: 100, free: 100, reserved: .max).used == 0)
  }
}
