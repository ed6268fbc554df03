import Foundation
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// A TLS server on 127.0.0.1 that answers `/name` with the bytes of that file, head included.
private final class SecureServer: Sendable {
  static let program = "/usr/bin/openssl"
  let port: UInt16
  private let process = Process()

  init(_ folder: TemporaryFolder, certificate: String, port: UInt16, options: [String] = []) {
    self.port = port
    process.executableURL = URL(filePath: Self.program)
    process.currentDirectoryURL = URL(filePath: folder.root.string)
    process.arguments =
      ["s_server", "-accept", "127.0.0.1:\(port)", "-HTTP", "-quiet"]
      + ["-cert", "\(certificate).pem", "-key", "\(certificate).key"] + options
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try? process.run()
  }

  func stop() { kill(process.processIdentifier, SIGKILL) }

  static func makeCertificate(_ folder: TemporaryFolder, _ name: String, for subject: String) throws
  {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments =
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"]
      + ["-addext", "subjectAltName=\(subject)"]
      + ["-keyout", folder.path("\(name).key").string, "-out", folder.path("\(name).pem").string]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
  }
}

@Suite(
  "Downloads over TLS",
  .enabled(if: FileManager.default.isExecutableFile(atPath: SecureServer.program)), .serialized)
struct SecureDownloadTests {
  private let blob = sampleBytes(20_000)

  /// A port that nobody listened on a moment ago.
  private func freePort() throws -> UInt16 {
    let server = try HostileServer { _, _ in }
    defer { server.stop() }
    return server.port
  }

  private func fetch(
    _ harness: DownloadHarness, _ url: String, trusting certificate: String?
  ) throws -> Download.Result {
    let plain = try harness.download(url, sha256: sha256(blob))
    let path = certificate.map { harness.folder.path("\($0).pem").string }
    // The server needs a moment to listen; a refused connection is asked again.
    var options = DownloadHarness.quick
    options.firstWait = 0.2
    options.attempts = 8
    return try Download(
      request: plain.request, options: options,
      settings: TransferSettings(options) { $0 == "SSL_CERT_FILE" ? path : nil }, area: plain.area,
      transfer: plain.transfer
    ).run()
  }

  @Test("T-G22, T-G27: only a server that proves its name is believed, and the clock is mentioned")
  func certificates() throws {
    let harness = try DownloadHarness()
    try SecureServer.makeCertificate(harness.folder, "right", for: "IP:127.0.0.1")
    try SecureServer.makeCertificate(harness.folder, "wrong", for: "DNS:elsewhere.invalid")
    let head = "HTTP/1.0 200 OK\r\nContent-Length: \(blob.count)\r\n\r\n"
    try harness.folder.write("blob", Array(head.utf8) + blob)
    let right = SecureServer(harness.folder, certificate: "right", port: try freePort())
    defer { right.stop() }
    let url = "https://127.0.0.1:\(right.port)/blob"
    let result = try fetch(harness, url, trusting: "right")
    #expect(result.hash.sha256 == sha256(blob))
    result.partial.remove()
    let unknown = #expect(throws: CacheError.self) { try fetch(harness, url, trusting: nil) }
    #expect(unknown?.code == .network && unknown?.hint?.contains("clock") == true)
    let wrong = SecureServer(harness.folder, certificate: "wrong", port: try freePort())
    defer { wrong.stop() }
    let other = #expect(throws: CacheError.self) {
      try fetch(harness, "https://127.0.0.1:\(wrong.port)/blob", trusting: "wrong")
    }
    #expect(other?.message.contains("prove") == true)
  }

  @Test("T-G13: a redirect from https to http is refused")
  func downgrade() throws {
    let blob = blob
    let harness = try DownloadHarness()
    let plain = try HostileServer { $1.respond(body: blob) }
    defer { plain.stop() }
    try SecureServer.makeCertificate(harness.folder, "right", for: "IP:127.0.0.1")
    let head = "HTTP/1.0 302 Found\r\nLocation: \(plain.url("x"))\r\nContent-Length: 0\r\n\r\n"
    try harness.folder.write("away", head)
    let server = SecureServer(harness.folder, certificate: "right", port: try freePort())
    defer { server.stop() }
    let error = #expect(throws: CacheError.self) {
      try fetch(harness, "https://127.0.0.1:\(server.port)/away", trusting: "right")
    }
    #expect(error?.code == .refused && error?.message.contains("from https to http") == true)
    #expect(plain.requests.isEmpty)
  }
}
