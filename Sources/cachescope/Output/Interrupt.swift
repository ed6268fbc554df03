import CacheKit
import Dispatch
import Glibc
import Synchronization

/// Turns the first ^C, SIGTERM or SIGHUP into a request to stop; the second one ends the program.
final class Interrupt: Sendable {
  private let received = Mutex<Int32?>(nil)
  // Only kept alive; Dispatch guards what happens inside.
  nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

  private let arrival = DispatchSemaphore(value: 0)
  private let listener = Mutex<(@Sendable () -> Void)?>(nil)

  private static let signals = [SIGINT, SIGTERM, SIGHUP]

  init() {
    let signals = Self.signals.filter { number in
      // nohup(1) asks for what goes on when the terminal goes.
      signal(number, SIG_IGN).map(Self.isIgnored) != true || number != SIGHUP
    }
    sources = signals.map { DispatchSource.makeSignalSource(signal: $0, queue: .global()) }
    for (source, number) in zip(sources, signals) {
      source.setEventHandler { [weak self] in self?.take(number) }
      source.resume()
    }
  }

  private static func isIgnored(_ handler: @escaping __sighandler_t) -> Bool {
    unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  var isRequested: Bool { received.withLock { $0 != nil } }

  /// Calls this once somebody asks to stop, also where that was before.
  func whenRequested(_ body: @escaping @Sendable () -> Void) {
    listener.withLock { $0 = body }
    if isRequested { body() }
  }

  /// Waits so many seconds, or until somebody asks to stop; false then.
  func pause(_ seconds: Double) -> Bool {
    guard !isRequested else { return false }
    return arrival.wait(timeout: .now() + .milliseconds(Int(seconds * 1000))) == .timedOut
  }

  /// Runs the work. Stopped on request, it ends the program as the signal would have, so that a shell sees
  /// 128 + n; what the work held is released by then.
  func run<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as CacheError where error.code == .cancelled {
      guard let number = received.withLock({ $0 }) else { throw error }
      Self.end(by: number)
    }
  }

  /// The same where the work ends at a good place and tells what it did: that is written before the end.
  func run(
    _ context: ActionContext, _ output: Output,
    _ body: (ActionContext) throws -> CacheError?
  ) throws -> CacheError? {
    var context = context
    let before = context.options.isCancelled
    context.options.isCancelled = { self.isRequested || before() }
    return try run {
      let failure = try body(context)
      guard isRequested else { return failure }
      output.flush()
      throw CacheError(.cancelled, "cancelled")
    }
  }

  /// Dispatch blocks the signals that it watches: the block goes before the signal can end us.
  private static func end(by number: Int32) -> Never {
    Leftovers.removeAll()
    signal(number, SIG_DFL)
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, number)
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
    raise(number)
    exit(128 + number)
  }

  private func take(_ number: Int32) {
    let isFirst = received.withLock { known in
      defer { known = known ?? number }
      return known == nil
    }
    if !isFirst { Self.end(by: number) }
    arrival.signal()
    if let body = listener.withLock({ $0 }) { body() }
  }
}
