import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// The programs in `Examples/`, which see the public API alone, as a stranger would.
@Suite("Examples")
struct ExampleTests {
  private func run(_ program: String, _ arguments: String...) throws -> (text: String, code: Int32)
  {
    let bundle = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    let (process, output) = (Process(), Pipe())
    process.executableURL = bundle.deletingLastPathComponent().appending(path: program)
    process.arguments = arguments
    process.environment = ["PATH": "/usr/bin:/bin"]
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: bytes, as: UTF8.self), process.terminationStatus)
  }

  @Test("StuckLeases names each lease that no process holds, and what it keeps")
  func stuckLeases() throws {
    let cache = try Fixture.staleLease.copied()
    let context = ActionContext(location: cache.location)
    let stuck = try ListLeases().perform(in: context).leases.rows(where: \.isProvablyStuck)
    try #require(!stuck.isEmpty)
    let (text, code) = try run("StuckLeases", cache.root.string)
    #expect(code == 0)
    for row in stuck { #expect(text.contains("\(row.lease.id) on ")) }
    #expect(text.contains("\(stuck.count) of "))
  }

  @Test("PullPointer fetches the blob once, and finds it the second time")
  func pullPointer() throws {
    let project = try LinkProject()
    let bytes = sampleBytes(10_000)
    try project.add("a.bin", bytes)
    let pointer = project.folder.path("project/a.bin.fetch").string
    let cache = project.context.location.root.string
    let first = try run("PullPointer", cache, pointer)
    #expect(first.code == 0)
    #expect(first.text.hasPrefix("fetched: 10000 bytes at \(cache)/"))
    let blob = first.text.split(separator: " at ").last.map { $0.dropLast() } ?? ""
    #expect(FileManager.default.contents(atPath: String(blob)) == Data(bytes))
    #expect(try run("PullPointer", cache, pointer).text.hasPrefix("hit: 10000 bytes"))
    #expect(project.server.requests.count == 1)
    #expect(try project.leases().isEmpty)
  }
}
