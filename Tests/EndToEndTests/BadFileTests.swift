import Foundation
import Glibc
import TestSupport
import Testing

extension CommandLineTests {
  /// What stands where the index should be, without a database in it.
  @Suite struct BadFile {
    @Test("T-A1: a root without an index says so and creates nothing")
    func noIndex() async throws {
      let sandbox = try Sandbox()
      try FileManager.default.createDirectory(at: sandbox.cache, withIntermediateDirectories: true)
      try await sandbox.expectFailures("no_index", status: 1)
    }

    @Test("T-A2: a missing root is named with what chose it, and nothing is created")
    func noRoot() async throws {
      let sandbox = try Sandbox()
      let result = try await sandbox.run("entries", "--json")
      try result.expectFailure("no_cache", status: 1)
      #expect(result.text.contains("FBUILD_CACHE_DIR"))
      #expect(!FileManager.default.fileExists(atPath: sandbox.cache.path))
    }

    @Test("T-A3: an empty file is an empty index, and stays one")
    func emptyFile() async throws {
      let sandbox = try Sandbox()
      try sandbox.writeIndex(Data())
      let results = try await sandbox.expectingNoChange { try await sandbox.inspectEverything() }
      let entries = try #require(results["entries"])
      #expect(entries.status == 0)
      #expect(try JSON(entries.text)["entries"] == .array([]))
    }

    @Test("T-A4: a file that is no database is damaged, not a crash")
    func notADatabase() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      try sandbox.overwriteIndex(at: 0, with: Data(repeating: 0x41, count: 16))
      try await sandbox.expectFailures("damaged", status: 4)
    }

    @Test("T-A15: a folder, FIFO, socket, device or dangling link is refused at once")
    func notAFile() async throws {
      for kind in SpecialFile.allCases {
        let sandbox = try Sandbox()
        try FileManager.default.createDirectory(
          at: sandbox.cache, withIntermediateDirectories: true)
        try kind.make(at: sandbox.index.path)
        let result = try await sandbox.expectingNoChange {
          try await sandbox.run("entries", "--json", within: .seconds(10))
        }
        #expect((1..<64).contains(result.status), "\(kind)")
        let code = try JSON(result.text)["error"]["code"].text
        #expect(["not_a_file", "no_index"].contains(code), "\(kind)")
      }
    }

    @Test("T-A16: an index that is a link out of the root can be read, not written")
    func linkOutside() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let outside = sandbox.folder.appending(path: "outside.sqlite")
      try FileManager.default.moveItem(at: sandbox.index, to: outside)
      try FileManager.default.createSymbolicLink(at: sandbox.index, withDestinationURL: outside)
      let before = try Data(contentsOf: outside)
      let entries = try await sandbox.report("entries")
      #expect(entries["entries"].items.count == 3)
      try await sandbox.run("pin", "1", "--json").expectFailure("refused", status: 7)
      #expect(try Data(contentsOf: outside) == before)
    }
  }
}

/// The things that can stand in a file's place.
enum SpecialFile: CaseIterable {
  case folder, fifo, socket, device, danglingLink

  func make(at path: String) throws {
    switch self {
    case .folder:
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: false)
    case .fifo: try #require(mkfifo(path, 0o600) == 0)
    case .socket: try bindSocket(path)
    case .device:
      try FileManager.default.createSymbolicLink(
        atPath: path, withDestinationPath: "/dev/zero")
    case .danglingLink:
      try FileManager.default.createSymbolicLink(
        atPath: path, withDestinationPath: "/nonexistent/index.sqlite")
    }
  }

  private func bindSocket(_ path: String) throws {
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let status = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
    }
    try #require(status == 0)
  }
}

extension Sandbox {
  /// Expects the same failure of every inspecting verb, and no change on disk.
  func expectFailures(
    _ code: String, status: Int32, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let results = try await expectingNoChange(sourceLocation: sourceLocation) {
      try await inspectEverything()
    }
    for result in results.values {
      try result.expectFailure(code, status: status, sourceLocation: sourceLocation)
    }
  }

  func writeIndex(_ data: Data) throws {
    try FileManager.default.createDirectory(at: cache, withIntermediateDirectories: true)
    try data.write(to: index)
  }

  func overwriteIndex(at offset: UInt64, with data: Data) throws {
    let handle = try FileHandle(forUpdating: index)
    try handle.seek(toOffset: offset)
    try handle.write(contentsOf: data)
    try handle.close()
  }
}
