import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("What fbuild says that a project needs")
struct FbuildPackagesTests {
  /// As fbuild 2.5.47 writes it, its log behind it.
  private static func answer(_ path: String, status: String = "present") -> String {
    """
    {
      "environments": [
        {
          "env": "uno",
          "packages": [
            {
              "bytes": null, "duration_ms": 0, "error": null,
              "install_path": "\(path)",
              "kind": "toolchain", "name": "toolchain-atmelavr", "sha256": null,
              "status": "\(status)", "url": "https://x/y.tar.gz", "version": "7.3.0"
            }
          ],
          "packages_hash": "0c", "platform": "AtmelAvr"
        }
      ],
      "packages_hash": "0c"
    }
    2026-11-29T15:24:23Z ERROR fbuild::output: 1 package(s) would need fetching

    """
  }

  private func packages(_ text: String) -> FbuildPackages? {
    FbuildPackages(
      Array(text.utf8), root: "/c", rows: [Array("toolchains/a/b/7.3.0".utf8): 12])
  }

  @Test("each package has its status, and the entry whose tree is there")
  func parse() throws {
    let found = try #require(packages(Self.answer("/c/toolchains/a/b/7.3.0")))
    let package = try #require(found.packages.first)
    #expect(package.environment == "uno" && package.name == "toolchain-atmelavr")
    #expect(package.isThere && package.entryID == 12 && found.entries == [12])
    let other = try #require(
      packages(Self.answer("/d/toolchains/a/b/7.3.0", status: "would-fetch")))
    #expect(other.entries.isEmpty && other.packages.first?.isThere == false)
    #expect(packages("") == nil && packages("{}") == nil && packages("[]") == nil)
    #expect(packages(#"{"environments":[{"env":"x"}]}"#) == nil)
    #expect(packages(#"{"environments":[]}"#)?.packages.isEmpty == true)
  }

  @Test("fbuild is run on this cache; one that fails, hangs or is not there is told in words")
  func run() throws {
    let shelf = try HostShelf()
    func program(_ body: String) throws -> String {
      let path = shelf.home.sub("fbuild")
      try Data("#!/bin/sh\n\(body)\n".utf8).write(to: URL(filePath: path))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
      return path
    }
    func ask(_ program: String, timeout: Double = 60) throws(CacheError) -> FbuildPackages {
      var ask = AskFbuild("/src/blink", program: program)
      ask.timeout = timeout
      return try ask.perform(in: shelf.context)
    }
    let place = "$FBUILD_CACHE_DIR/toolchains/a/b/7.3.0"
    let good = try program(
      "test \"$*\" = 'install --check --json --all-envs /src/blink' || exit 9\n"
        + "cat <<END\n\(Self.answer(place))END\nexit 2")
    let found = try ask(good)
    #expect(
      found.packages.map { $0.installPath?.readable }
        == [shelf.root.string + "/toolchains/a/b/7.3.0"])
    #expect(!found.isOfDefaultAlone)
    let half = try program(
      "case \"$*\" in *--all-envs*) echo unknown board; exit 1;; esac\n"
        + "cat <<END\n\(Self.answer(place))END\nexit 2")
    #expect(try ask(half).isOfDefaultAlone, "one bad environment hides the others only")
    let bad = try program("echo no such project; exit 1")
    #expect { try ask(bad) } throws: { error in
      let message = (error as? CacheError)?.message ?? ""
      return message.contains("code 1") && message.contains("no such project")
    }
    let slow = try program("sleep 100")
    #expect { try ask(slow, timeout: 0.2) } throws: { error in
      (error as? CacheError)?.message.contains("did not end") == true
    }
    #expect { try ask(shelf.home.sub("nothing")) } throws: { error in
      (error as? CacheError)?.code == .notFound
    }
    var context = shelf.context
    context.isReadOnly = true
    #expect(throws: CacheError.self) { try AskFbuild("/src", program: good).perform(in: context) }
  }

  @Test("a pointer belongs to the nearest folder that looks like a project")
  func folders() throws {
    let scratch = try Scratch()
    try scratch.write("a/platformio.ini", "")
    try scratch.write("a/sub/b/platformio.ini", "")
    let root = scratch.file
    func folder(_ name: String, _ roots: [FilePath]) -> String {
      var folders = ProjectFolders(roots)
      return folders.folder(of: root.appending(FilePath(name).components)).string
    }
    #expect(folder("a/data/x.fetch", [root]) == scratch.sub("a"))
    #expect(folder("a/sub/b/x.fetch", [root]) == scratch.sub("a/sub/b"))
    #expect(folder("c/d/x.fetch", [root]) == scratch.path)
    #expect(folder("c/x.fetch", [root.appending("c").appending("x.fetch")]) == scratch.sub("c"))
  }
}
