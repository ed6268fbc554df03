import CCurl
import Glibc

/// Takes what a response brings; answering `false` stops the transfer.
protocol ResponseSink: AnyObject {
  /// Called once, before any body.
  func head(_ head: ResponseHead) -> Bool
  func body(_ bytes: UnsafeRawBufferPointer) -> Bool
}

/// One GET at a time on a handle that keeps its connections; used by one thread at a time.
package final class HTTPTransfer {
  struct Request {
    var url: String
    /// Asks for the bytes from here on; 0 asks for all.
    var offset: Int64 = 0
    /// The range counts only while the file is still this one.
    var validator: String?
  }

  /// How a transfer ended.
  package struct End {
    package enum Outcome {
      case complete
      case transient
      /// No connection came about: to the server, or to the proxy.
      case unconnected
      /// A sink refused what came.
      case stopped
      case certificate
      case permanent
    }

    package var outcome: Outcome
    package var status: Int
    /// Seconds that the server asked to wait; 0 where it did not.
    var retryAfter: Int64
    var redirect: String?
    /// libcurl's words.
    package var failure: String
  }

  private let handle: OpaquePointer
  /// How often a transfer looks whether it was cancelled, in milliseconds.
  private static let wakeInterval: CInt = 50

  package init() throws(CacheError) {
    guard let handle = ccurl_open() else {
      throw CacheError(
        .network, "libcurl cannot be used",
        hint: "Install it: apt-get install libcurl4")
    }
    self.handle = handle
  }

  deinit { ccurl_close(handle) }

  /// Runs the request to its end. Throws `cancelled`, and what the sink cannot tell: a URL that libcurl
  /// refuses.
  func perform(
    _ request: Request, _ settings: TransferSettings, into sink: any ResponseSink,
    isCancelled: @escaping () -> Bool
  ) throws(CacheError) -> End {
    let receiver = Receiver(sink, isCancelled)
    let texts = BorrowedTexts()
    var raw = try Self.raw(request, settings, texts)
    raw.context = Unmanaged.passUnretained(receiver).toOpaque()
    defer {
      ccurl_end(handle)
      withExtendedLifetime((receiver, texts)) {}
    }
    var code = ccurl_begin(handle, &raw)
    guard code == 0 else { return end(code) }
    while true {
      if isCancelled() { throw CacheError(.cancelled, "cancelled") }
      switch ccurl_work(handle, Self.wakeInterval, &code) {
      case 1: continue
      case 0:
        if receiver.wasCancelled { throw CacheError(.cancelled, "cancelled") }
        return end(code, receiver)
      default: throw CacheError(.inputOutput, "libcurl stopped working")
      }
    }
  }

  private func end(_ code: CInt, _ receiver: Receiver? = nil) -> End {
    let outcome: End.Outcome =
      switch Int(ccurl_class(code)) {
      case CCURL_OK: .complete
      case CCURL_TRANSIENT: .transient
      case CCURL_UNCONNECTED: .unconnected
      case CCURL_STOPPED: .stopped
      case CCURL_CERTIFICATE: .certificate
      default: .permanent
      }
    var failure = String(cString: ccurl_failure(handle))
    // libcurl takes no line beyond its own limit, and calls that a lack of memory.
    let isLineTooLong = ccurl_is_too_long(code) != 0 && receiver?.hasHead == false
    if receiver?.isHeadTooLarge == true || isLineTooLong {
      failure = "the response head is too large"
    }
    // libcurl repeats what it was given, a proxy's password too.
    failure = SecretPattern.masked(failure)
    return End(
      outcome: outcome, status: ccurl_status(handle), retryAfter: ccurl_retry_after(handle),
      redirect: ccurl_redirect(handle).map { String(cString: $0) }, failure: failure)
  }

  private static func raw(
    _ request: Request, _ settings: TransferSettings, _ texts: BorrowedTexts
  ) throws(CacheError) -> ccurl_request {
    var raw = ccurl_request()
    raw.url = texts.keep(RequestURL.encoded(request.url))
    if request.offset > 0 {
      raw.range = texts.keep("\(request.offset)-")
      raw.if_range = texts.keep(request.validator.map { "If-Range: \($0)" })
    }
    raw.proxy = texts.keep(try settings.proxy(for: request.url))
    raw.ca_file = texts.keep(settings.caFile)
    raw.ca_folder = texts.keep(settings.caFolder)
    raw.connect_timeout_ms = CInt(clamping: Int64(settings.connectTimeout * 1000))
    raw.low_speed_bytes = CInt(clamping: settings.lowSpeedBytes)
    raw.low_speed_seconds = CInt(clamping: settings.lowSpeedSeconds)
    raw.on_header = { context, bytes, count in
      Receiver.of(context)?.header(UnsafeRawBufferPointer(start: bytes, count: count)) ?? 0
    }
    raw.on_body = { context, bytes, count in
      Receiver.of(context)?.body(UnsafeRawBufferPointer(start: bytes, count: count)) ?? 0
    }
    return raw
  }
}

/// Where the C callbacks arrive.
private final class Receiver {
  private let sink: any ResponseSink
  private var reader = HeadReader()
  private(set) var isHeadTooLarge = false
  private(set) var hasHead = false
  private let isCancelled: () -> Bool
  private(set) var wasCancelled = false

  init(_ sink: any ResponseSink, _ isCancelled: @escaping () -> Bool) {
    self.sink = sink
    self.isCancelled = isCancelled
  }

  static func of(_ context: UnsafeMutableRawPointer?) -> Receiver? {
    context.map { Unmanaged<Receiver>.fromOpaque($0).takeUnretainedValue() }
  }

  func header(_ line: UnsafeRawBufferPointer) -> Int {
    switch reader.take(line) {
    case .more: return line.count
    case .tooMuch:
      isHeadTooLarge = true
      return 0
    case .complete:
      // 1xx heads announce another one.
      let isInterim = (100..<200).contains(reader.head.status)
      hasHead = !isInterim
      return isInterim || sink.head(reader.head) ? line.count : 0
    }
  }

  /// Asks each time: from a fast server libcurl takes tens of megabytes before it returns.
  func body(_ bytes: UnsafeRawBufferPointer) -> Int {
    wasCancelled = wasCancelled || isCancelled()
    return !wasCancelled && sink.body(bytes) ? bytes.count : 0
  }
}

/// C strings that live as long as the value.
private final class BorrowedTexts {
  private var kept: [UnsafeMutablePointer<CChar>] = []

  func keep(_ text: String?) -> UnsafePointer<CChar>? {
    guard let text, let copy = strdup(text) else { return nil }
    kept.append(copy)
    return UnsafePointer(copy)
  }

  deinit { for text in kept { free(text) } }
}
