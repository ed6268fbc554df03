import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheKit

@Suite("A3: hollow trees")
struct HollowTreeTests {
  private func isHollow(_ files: [String], folders: [String] = [], bytes: Int64?) throws -> Bool {
    let cache = try TemporaryCache()
    let tree = cache.path("installed/packages/s/h/1")
    let manager = FileManager.default
    for folder in [""] + folders {
      try manager.createDirectory(
        atPath: "\(tree)/\(folder)", withIntermediateDirectories: true)
    }
    for file in files { try Data(count: 100).write(to: URL(filePath: "\(tree)/\(file)")) }
    return PhaseOnDisk(path: FilePath(tree), state: .present).isHollow(bytes)
  }

  @Test("a tree with its sentinel that has lost files, and none that has its files or no sentinel")
  func trees() throws {
    let sentinel = ".install_complete"
    #expect(try isHollow([sentinel], bytes: nil))
    #expect(try isHollow([sentinel], folders: ["bin", "lib/a"], bytes: 300))
    #expect(try isHollow([sentinel, "README"], bytes: 5000))
    #expect(try !isHollow([sentinel, "README"], bytes: 100))
    #expect(try !isHollow([sentinel, "README"], bytes: nil))
    #expect(try !isHollow([sentinel, "lib/a/b"], folders: ["lib/a"], bytes: 5000))
    #expect(try !isHollow([sentinel, "README"], folders: ["bin"], bytes: 5000))
    #expect(try !isHollow(["README"], bytes: 5000))
    #expect(!PhaseOnDisk(path: "/nowhere", state: .present).isHollow(nil))
  }
}
