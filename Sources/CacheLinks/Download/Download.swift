import Glibc
package import SystemPackage

/// What a download is doing, for one line on a screen.
public enum DownloadProgress: Sendable, Hashable {
  /// Another process downloads the same blob.
  case waitingForOther
  /// The URL without its secrets.
  case connecting(String)
  /// Bytes so far, those of an earlier run included, and of the whole where that is known.
  case receiving(Int64, of: Int64?)
  /// Seconds until the next attempt, and why.
  case retrying(Double, String)
  case verifying
}

/// What is to be fetched.
package struct DownloadRequest: Sendable {
  package var url: String
  /// `nil` where any content is right: a pointer is about to be made from it.
  package var sha256: String?
  package var size: UInt64?

  package init(url: String, sha256: String? = nil, size: UInt64? = nil) {
    self.url = url
    self.sha256 = sha256
    self.size = size
  }
}

/// Fetches one blob into the staging area: each candidate URL with retries, until the bytes are right.
///
/// The caller holds the download's lock.
package struct Download {
  package let request: DownloadRequest
  package let options: DownloadOptions
  package let settings: TransferSettings
  package let area: StagingArea
  package let transfer: HTTPTransfer
  package var isCancelled: @Sendable () -> Bool = { false }
  package var progress: (DownloadProgress) -> Void = { _ in }
  /// Puts wrong bytes away, and says what is wrong with them.
  package var quarantine: (WrongBlob) -> String = { _ in "" }

  package init(
    request: DownloadRequest, options: DownloadOptions, settings: TransferSettings,
    area: StagingArea, transfer: HTTPTransfer,
    isCancelled: @escaping @Sendable () -> Bool = { false },
    progress: @escaping (DownloadProgress) -> Void = { _ in },
    quarantine: @escaping (WrongBlob) -> String = { _ in "" }
  ) {
    self.request = request
    self.options = options
    self.settings = settings
    self.area = area
    self.transfer = transfer
    self.isCancelled = isCancelled
    self.progress = progress
    self.quarantine = quarantine
  }

  package struct Result {
    package var partial: PartialFile
    package var hash: FileHash.Result
    package var head: ResponseHead
    /// One sentence for every candidate that failed before the one that served.
    package var warnings: [String]
  }

  /// Bytes that do not have the hash that the pointer names.
  package struct WrongBlob {
    package var path: FilePath
    package var url: String
    package var found: FileHash.Result
    package var head: ResponseHead
  }

  package var key: String { StagingArea.key(url: request.url, sha256: request.sha256) }

  /// Throws `network` where no candidate served the blob, `refused` where a rule forbids it, `diskFull`,
  /// `cancelled`; a partial download stays where it can be continued.
  package func run() throws(CacheError) -> Result {
    try options.requireSize(request.size, of: request.url)
    var failures: [CacheError] = []
    for (number, url) in options.candidates(for: request.url).enumerated() {
      // A mirror without a scheme: fbuild's client takes none either.
      guard number == 0 || URLText.isHTTP(url) else {
        failures.append(CacheError(.refused, "\(URLText.masked(url)) is neither http nor https"))
        continue
      }
      let partial = try PartialFile(area, key, isForLaterRuns: request.sha256 != nil)
      do {
        let (hash, head) = try CandidateDownload(self, url, partial).run()
        return Result(
          partial: partial, hash: hash, head: head, warnings: failures.map(\.message))
      } catch {
        switch error.code {
        case .network, .refused:
          partial.leave()
          failures.append(error)
        case .diskFull:
          partial.remove()
          throw error
        default: throw error
        }
      }
    }
    throw Self.combined(failures)
  }

  /// The first failure is the pointer's own URL; the mirrors follow in their order.
  private static func combined(_ failures: [CacheError]) -> CacheError {
    guard var first = failures.first else {
      return CacheError(.network, "there is no URL to fetch")
    }
    for other in failures.dropFirst() { first.message += "; mirror: \(other.message)" }
    return first
  }
}

/// The attempts on one URL.
struct CandidateDownload {
  private let download: Download
  private let url: String
  private let partial: PartialFile
  /// However much progress each of them makes.
  private static let mostAttempts = 40

  init(_ download: Download, _ url: String, _ partial: PartialFile) {
    self.download = download
    self.url = url
    self.partial = partial
  }

  func run() throws(CacheError) -> (FileHash.Result, ResponseHead) {
    var tries = Tries(best: partial.length)
    var mayStartOver = true
    while true {
      tries.count += 1
      let attempt = DownloadAttempt(download, url, partial)
      switch try attempt.run() {
      case .complete:
        download.progress(.verifying)
        let hash = try partial.finish(isCancelled: download.isCancelled)
        if hash.sha256 == download.request.sha256 ?? hash.sha256 { return (hash, attempt.head) }
        guard partial.isJoined, mayStartOver else { throw mismatch(hash, attempt.head) }
        // The parts may be of different files, whatever the server says: once more from the start.
        mayStartOver = false
        try partial.restart(nil)
        continue
      case .again(let status):
        tries.idle += 1
        guard !isExhausted(tries) else {
          throw exhausted("no usable answer: HTTP \(status)", tries)
        }
      case .transient(let message, let retryAfter):
        tries.note(partial.length)
        guard !isExhausted(tries) else { throw exhausted(message, tries) }
        try wait(message, retryAfter, tries)
      }
    }
  }

  private struct Tries {
    var best: Int64
    var count = 0
    /// In a row, without a byte more than ever before.
    var idle = 0
    let start = ContinuousClock.now

    mutating func note(_ length: Int64) {
      idle = length > best ? 0 : idle + 1
      best = max(best, length)
    }
  }

  private func isExhausted(_ tries: Tries) -> Bool {
    // Who allows one attempt means one, whatever it brought.
    tries.idle >= download.options.attempts || tries.count >= Self.mostAttempts
      || download.options.attempts <= 1
  }

  private func exhausted(_ message: String, _ tries: Tries) -> CacheError {
    let seconds = (ContinuousClock.now - tries.start).components.seconds
    let times = tries.count == 1 ? "1 attempt" : "\(tries.count) attempts"
    return CacheError(
      .network, "cannot fetch \(URLText.masked(url)): \(message) (after \(times) in \(seconds) s)",
      hint: "Try again later\(partial.isResumable ? "; what has arrived is kept" : "")")
  }

  private func mismatch(_ found: FileHash.Result, _ head: ResponseHead) -> CacheError {
    let why = download.quarantine(
      Download.WrongBlob(path: partial.path, url: url, found: found, head: head))
    partial.remove()
    return CacheError(
      .network,
      "\(URLText.masked(url)) gave other bytes: sha256 \(found.sha256) instead of "
        + "\(download.request.sha256 ?? "-")\(why.isEmpty ? "" : ": \(why)")",
      hint: "The file on the server has changed, or the pointer is wrong")
  }

  /// Full jitter: a random part of a growing time, so that many clients do not come back at once.
  private func wait(
    _ message: String, _ retryAfter: Int64, _ tries: Tries
  ) throws(CacheError) {
    let options = download.options
    let growth = Double(1 << min(tries.idle, 16))
    let ceiling = max(0, min(options.longestWait, options.firstWait * growth))
    let seconds =
      retryAfter > 0
      ? min(Double(retryAfter), options.longestRetryAfter) : Double.random(in: 0...ceiling)
    download.progress(.retrying(seconds, message))
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      if download.isCancelled() { throw CacheError(.cancelled, "cancelled") }
      usleep(20_000)
    }
  }
}
