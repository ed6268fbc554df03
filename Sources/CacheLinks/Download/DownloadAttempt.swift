import SystemPackage

/// One attempt: a GET with its redirects, stored behind what the partial file holds already.
final class DownloadAttempt {
  enum Outcome {
    case complete
    /// The partial bytes were no use, by an answer of this status: ask for everything.
    case again(Int)
    case transient(String, retryAfter: Int64)
  }

  private static let redirectLimit = 10

  private let download: Download
  private let url: String
  private let partial: PartialFile
  private(set) var head = ResponseHead()
  private var body = BodyUse.discard
  private var discarded = 0
  private var hasHead = false
  private var failure: CacheError?
  private var lastReport = ContinuousClock.now

  private enum BodyUse {
    case store
    case discard
    /// The answer does not continue what we hold.
    case restart
  }

  init(_ download: Download, _ url: String, _ partial: PartialFile) {
    self.download = download
    self.url = url
    self.partial = partial
  }

  func run() throws(CacheError) -> Outcome {
    var hop = url
    // The server never sees a fragment: another one asks for the same again.
    var seen: Set = [RequestURL.encoded(url)]
    while true {
      download.progress(.connecting(URLText.masked(hop)))
      let end = try get(hop)
      guard let next = try redirect(end, from: hop) else { return try outcome(end, hop) }
      guard seen.insert(RequestURL.encoded(next)).inserted else {
        throw failed(hop, "redirects in a circle to \(URLText.masked(next))")
      }
      guard seen.count <= Self.redirectLimit + 1 else {
        throw failed(url, "redirects more than \(Self.redirectLimit) times")
      }
      hop = next
    }
  }

  private func get(_ hop: String) throws(CacheError) -> HTTPTransfer.End {
    body = .discard
    discarded = 0
    hasHead = false
    var request = HTTPTransfer.Request(url: hop)
    if let origin = partial.origin, origin.url == url, let validator = origin.validator {
      request.offset = partial.length
      request.validator = validator
    }
    let end = try download.transfer.perform(
      request, download.settings, into: self, isCancelled: download.isCancelled)
    if let failure { throw failure }
    return end
  }
}

// MARK: - What an answer means

extension DownloadAttempt {
  private func redirect(
    _ end: HTTPTransfer.End, from hop: String
  ) throws(CacheError) -> String? {
    guard hasHead, [301, 302, 303, 307, 308].contains(head.status) else { return nil }
    guard let next = end.redirect else { throw failed(hop, "redirects to nowhere") }
    guard URLText.isHTTP(next) else {
      throw refused(hop, "redirects to \(URLText.masked(next)), which is neither http nor https")
    }
    guard !URLText.isSecure(hop) || URLText.isSecure(next) else {
      throw refused(hop, "redirects from https to http: \(URLText.masked(next))")
    }
    return next
  }

  private func outcome(_ end: HTTPTransfer.End, _ hop: String) throws(CacheError) -> Outcome {
    if case .restart = body {
      try partial.restart(nil)
      return .again(head.status)
    }
    switch end.outcome {
    case .transient: return .transient(interruption(end, hop), retryAfter: 0)
    case .unconnected:
      // A proxy that nobody answers for is a wrong variable far more often than a short outage.
      guard let variable = download.settings.proxyVariable(for: hop) else {
        return .transient(interruption(end, hop), retryAfter: 0)
      }
      var error = permanent(end.failure, hop)
      error.hint = "Check the proxy that \(variable) names, or unset \(variable)"
      throw error
    case .certificate:
      throw CacheError(
        .network, "\(URLText.masked(hop)) could not prove who it is: \(end.failure)",
        hint: "Check the clock of this machine, and "
          + (download.settings.certificateWords.map { "the certificates that \($0) names" }
            ?? "its certificates; SSL_CERT_FILE names others"))
    case .permanent: throw permanent(end.failure, hop)
    case .stopped where !hasHead: throw permanent(end.failure, hop)
    case .complete, .stopped: return try byStatus(end, hop)
    }
  }

  private func byStatus(_ end: HTTPTransfer.End, _ hop: String) throws(CacheError) -> Outcome {
    if case .store = body {
      let length = UInt64(max(0, partial.length))
      guard let size = download.request.size, length < size else { return .complete }
      return .transient("truncated at \(length) of \(size) bytes", retryAfter: 0)
    }
    // A head that is no answer, as that of another protocol, has a status all the same.
    let status = head.status == 0 ? end.status : head.status
    switch status {
    case 416:
      let whole = head.contentRange?.total
      if let whole, whole == UInt64(max(0, partial.length)), whole == partial.origin?.total ?? whole
      {
        try partial.join(at: partial.length)
        return .complete
      }
      try partial.restart(nil)
      return .again(status)
    case 408, 425, 429, 500...599:
      return .transient("HTTP \(status)", retryAfter: end.retryAfter)
    default:
      var error = permanent("HTTP \(status)", hop)
      error.hint = Self.hint(status)
      throw error
    }
  }

  private static func hint(_ status: Int) -> String? {
    switch status {
    case 401: "The server asks for a password or a token, which the URL lacks or has wrong"
    case 403: "The server refuses to hand it out: the URL may have expired, or need a token"
    case 404: "There is no such file on the server: correct the URL in the pointer"
    default: nil
    }
  }

  private func interruption(_ end: HTTPTransfer.End, _ hop: String) -> String {
    if case .store = body {
      let known = download.request.size ?? head.totalLength ?? partial.origin?.total
      let whole = known.map { " of \($0)" } ?? ""
      return "truncated at \(partial.length)\(whole) bytes: \(end.failure)"
    }
    let from = hop == url ? "" : " (redirected to \(URLText.masked(hop)))"
    return end.failure + from + proxyNote(hop)
  }

  private func proxyNote(_ hop: String) -> String {
    download.settings.proxyVariable(for: hop).map { " (through the proxy in \($0))" } ?? ""
  }

  private func permanent(_ what: String, _ hop: String) -> CacheError {
    let from = hop == url ? "" : ", redirected to \(URLText.masked(hop))"
    return CacheError(
      .network, "cannot fetch \(URLText.masked(url))\(from): \(what)\(proxyNote(hop))")
  }

  private func failed(_ hop: String, _ what: String) -> CacheError {
    CacheError(.network, "\(URLText.masked(hop)) \(what)")
  }

  private func refused(_ hop: String, _ what: String) -> CacheError {
    CacheError(.refused, "\(URLText.masked(hop)) \(what)")
  }
}

// MARK: - What arrives

extension DownloadAttempt: ResponseSink {
  package func head(_ head: ResponseHead) -> Bool {
    self.head = head
    hasHead = true
    do throws(CacheError) {
      switch head.status {
      case 200: try beginWhole()
      case 206: try beginRest()
      default: body = .discard
      }
    } catch {
      failure = error
    }
    if case .restart = body { return false }
    return failure == nil
  }

  private func beginWhole() throws(CacheError) {
    try requireSize(head.totalLength)
    try partial.restart(
      PartialOrigin(url: url, validator: head.validator, total: head.totalLength))
    body = .store
  }

  /// Takes the rest only where it is the rest of the same file and joins what we hold.
  private func beginRest() throws(CacheError) {
    body = .restart
    guard let origin = partial.origin, origin.url == url, partial.length > 0 else {
      throw permanent("HTTP 206 although no range was requested", url)
    }
    guard head.contentType?.hasPrefix("multipart/") != true,
      let range = head.contentRange, let first = range.first, first <= UInt64(partial.length)
    else { return }
    if let total = range.total, let known = origin.total, total != known { return }
    if let validator = head.validator, let known = origin.validator, validator != known,
      head.etag != nil || !known.hasPrefix("\"")
    {
      return
    }
    try requireSize(range.total)
    try partial.join(at: Int64(clamping: first))
    body = .store
  }

  /// Compares what the server announces with the pointer, our limit and the free space.
  private func requireSize(_ total: UInt64?) throws(CacheError) {
    guard let total else { return }
    if let size = download.request.size, size != total {
      throw CacheError(
        .network, "\(URLText.masked(url)) has \(total) bytes, the pointer says \(size)",
        hint: "The file on the server has changed, or the pointer is wrong")
    }
    guard total <= download.options.sizeLimit else { throw tooLarge() }
    let held = UInt64(max(0, partial.length))
    guard let free = download.area.freeBytes(), total > held, total - held > free else { return }
    throw CacheError(
      .diskFull,
      "\(download.area.folder) has \(free) bytes free, the download needs \(total - held)",
      hint: "Free space on that file system and try again")
  }

  /// Our own limit is a rule; one byte more than the pointer says is another file.
  private func tooLarge() -> CacheError {
    let limit = download.options.sizeLimit
    guard let size = download.request.size, size <= limit else {
      return refused(url, "sends more than \(download.options.limitWords)")
    }
    var error = failed(url, "sends more than \(size) bytes, which the pointer says")
    error.hint = "The file on the server has changed, or the pointer is wrong"
    return error
  }

  package func body(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard case .store = body else {
      // Small answers are read to their end, so that the connection can be used again.
      discarded += bytes.count
      return discarded <= 64 << 10
    }
    let limit = min(download.request.size ?? .max, download.options.sizeLimit)
    guard UInt64(max(0, partial.length)) + UInt64(bytes.count) <= limit else {
      failure = tooLarge()
      try? partial.restart(nil)
      return false
    }
    do throws(CacheError) {
      try partial.append(bytes)
    } catch {
      failure = error
      return false
    }
    report()
    return true
  }

  private func report() {
    let now = ContinuousClock.now
    guard now - lastReport > .milliseconds(50) else { return }
    lastReport = now
    let total = download.request.size ?? head.totalLength ?? partial.origin?.total
    download.progress(.receiving(partial.length, of: total.map { Int64(clamping: $0) }))
  }
}
