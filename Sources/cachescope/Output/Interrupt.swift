import CacheKit
import Glibc

/// Turns the first ^C, ^\, SIGTERM or SIGHUP into a request to stop; the second one ends the program.
///
/// A handler notes it: there may be no thread left, and no descriptor, to be told in another way.
final class Interrupt: Sendable {
  /// Readable once somebody asks to stop; -1 where the system has no pipe left.
  let descriptor: CInt

  init() {
    let ends = closingPipe()
    descriptor = ends?.read ?? -1
    // A signal must never wait for room.
    if let ends { _ = fcntl(ends.write, F_SETFL, O_NONBLOCK) }
    for number in [SIGINT, SIGQUIT, SIGTERM, SIGHUP] where !Self.isRefused(number) {
      InterruptSignal.note(number, bell: ends?.write ?? -1)
    }
  }

  /// nohup(1) asks for what goes on when the terminal goes, a shell for a job behind it that ^\ does not
  /// reach.
  private static func isRefused(_ number: CInt) -> Bool {
    var action = sigaction()
    guard number == SIGHUP || number == SIGQUIT, sigaction(number, nil, &action) == 0 else {
      return false
    }
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  var isRequested: Bool { InterruptSignal.received != nil }

  /// Waits so many seconds, or until somebody asks to stop; false then.
  func pause(_ seconds: Double) -> Bool {
    let end = Uptime.seconds() + seconds
    while !isRequested {
      let rest = end - Uptime.seconds()
      guard rest > 0 else { return true }
      var bell = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      // Without a pipe it looks now and then.
      _ = poll(&bell, 1, CInt(min(rest, descriptor < 0 ? 0.1 : 3600) * 1000) + 1)
    }
    return false
  }

  /// Runs the work. Stopped on request, it ends the program as the signal would have, so that a shell sees
  /// 128 + n; what the work held is released by then.
  func run<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as CacheError where error.code == .cancelled {
      guard let number = InterruptSignal.received else { throw error }
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
}
