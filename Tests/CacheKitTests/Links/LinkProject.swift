import Foundation
import Synchronization
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// A project with pointers, an empty cache beside it, and a server of blobs.
final class LinkProject: Sendable {
  let folder: TemporaryFolder
  let context: ActionContext
  let server: HostileServer
  private let blobs: Blobs

  final class Blobs: Sendable {
    let all = Mutex<[String: [UInt8]]>([:])
  }

  init(delay: UInt32 = 0) throws {
    let blobs = Blobs()
    self.blobs = blobs
    folder = try TemporaryFolder()
    context = ActionContext(
      location: CacheLocation(root: folder.path("cache"), stateFolder: folder.path("state")))
    server = try HostileServer { request, connection in
      usleep(delay)
      guard let bytes = blobs.all.withLock({ $0[request.target] }) else {
        return connection.respond("404 Not Found")
      }
      connection.respond(rangeOf: bytes, request)
    }
    try FileManager.default.createDirectory(
      atPath: folder.path("project").string, withIntermediateDirectories: true)
  }

  deinit { server.stop() }

  /// Serves the bytes, and writes a pointer to them.
  @discardableResult
  func add(_ name: String, _ bytes: [UInt8], _ extract: LinkFile.Extract = .file) throws -> LinkFile
  {
    serve(name, bytes)
    let link = LinkFile(
      url: server.url(name), sha256: sha256(bytes), size: UInt64(bytes.count), extract: extract)
    try folder.write("project/\(name).fetch", link.json)
    return link
  }

  func serve(_ name: String, _ bytes: [UInt8]) {
    blobs.all.withLock { $0["/\(name)"] = bytes }
  }

  var root: FilePath { folder.path("project") }

  func pull(
    into target: FilePath? = nil, _ change: (inout PullLinks) -> Void = { _ in }
  ) throws -> PullLinks.Report {
    var action = PullLinks(roots: [root], target: target, download: DownloadHarness.quick)
    change(&action)
    return try action.perform(in: context)
  }

  func list() throws -> ListLinks.Report { try ListLinks(roots: [root]).perform(in: context) }

  func check(deep: Bool = false) throws -> ListLinks.Report {
    try CheckLinks(roots: [root], isDeep: deep).perform(in: context)
  }

  /// Where the blob is, by the index.
  func blob(_ name: String) throws -> FilePath {
    let item = try list().links.first { $0.path.lastComponent?.string == "\(name).fetch" }
    return try #require(item?.blob)
  }

  func overwrite(_ path: FilePath, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path.string))
  }

  func leases() throws -> [Lease] { try context.inspect().leases() }
}
