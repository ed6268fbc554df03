import Foundation
import Synchronization
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// A staging area in a temporary cache, and downloads with short times.
final class DownloadHarness: Sendable {
  let folder: TemporaryFolder
  let location: CacheLocation
  let progress = Mutex<[DownloadProgress]>([])
  let wrong = Mutex<[Download.WrongBlob]>([])

  init() throws {
    folder = try TemporaryFolder()
    location = CacheLocation(root: folder.root)
  }

  static var quick: DownloadOptions {
    var options = DownloadOptions()
    options.firstWait = 0.01
    options.longestRetryAfter = 0.05
    options.lowSpeedSeconds = 1
    options.connectTimeout = 2
    options.attempts = 3
    return options
  }

  func download(
    _ url: String, sha256: String?, size: UInt64? = nil,
    options: DownloadOptions = DownloadHarness.quick,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws -> Download {
    var download = Download(
      request: DownloadRequest(url: url, sha256: sha256, size: size), options: options,
      settings: TransferSettings(options) { _ in nil }, area: try StagingArea(location),
      transfer: try HTTPTransfer(), isCancelled: isCancelled)
    download.progress = { step in self.progress.withLock { $0.append(step) } }
    download.quarantine = { blob in
      self.wrong.withLock { $0.append(blob) }
      return "noted"
    }
    return download
  }

  /// The bytes that a download of `expected` brings.
  func fetch(
    _ url: String, expecting expected: [UInt8], size: UInt64? = nil,
    options: DownloadOptions = DownloadHarness.quick
  ) throws -> (bytes: [UInt8], warnings: [String]) {
    let result = try download(url, sha256: sha256(expected), size: size, options: options).run()
    defer { result.partial.remove() }
    let bytes = FileManager.default.contents(atPath: result.partial.path.string) ?? Data()
    #expect(result.hash.sha256 == sha256(expected))
    return (Array(bytes), result.warnings)
  }

  /// The error that a download ends with.
  func failure(
    _ url: String, expecting expected: [UInt8], size: UInt64? = nil,
    options: DownloadOptions = DownloadHarness.quick
  ) -> CacheError? {
    do {
      _ = try download(url, sha256: sha256(expected), size: size, options: options).run()
      return nil
    } catch {
      return error as? CacheError
    }
  }

  var stagingFiles: [String] { folder.listing("staging") }
}

func sha256(_ bytes: [UInt8]) -> String { Hex.text(SHA256.ofText(bytes)) }

/// Bytes that no compressor or coincidence makes equal.
func sampleBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var random = SeededRandom(seed: seed)
  var bytes: [UInt8] = []
  bytes.reserveCapacity(count + 8)
  while bytes.count < count {
    withUnsafeBytes(of: random.next()) { bytes.append(contentsOf: $0) }
  }
  return Array(bytes.prefix(count))
}
