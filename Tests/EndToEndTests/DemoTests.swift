import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  @Suite struct Demo {
    @Test("the demo cache has entries of every kind, real files, leases and a legacy twin")
    func content() async throws {
      let sandbox = try await Sandbox.demo()
      let entries = try await sandbox.report("entries")["entries"].items
      #expect((290...320).contains(entries.count))
      let kinds = Set(entries.compactMap { $0["kind"].text })
      #expect(
        kinds.isSuperset(of: [
          "packages", "toolchains", "platforms", "libraries", "frameworks", "lnk-blobs",
        ]))
      let archives = entries.compactMap { $0["archive_path"].text }
      #expect(archives.contains { FileManager.default.fileExists(atPath: $0) })
      let leases = try await sandbox.report("leases")["leases"].items
      #expect(Set(leases.compactMap { $0["verdict"].text }).count >= 3)
      if Machine.isInitialPIDNamespace {
        #expect(leases.contains { $0["verdict"] == .text("dead") })
      }
    }

    @Test("a demo never overwrites a folder with something in it")
    func occupied() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let result = try await sandbox.expectingNoChange {
        try await sandbox.run("demo", sandbox.cache.path)
      }
      #expect(result.status != 0)
    }
  }
}
