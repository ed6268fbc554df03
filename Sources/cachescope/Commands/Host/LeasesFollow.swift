import ArgumentParser
import CacheKit
import Glibc

extension LeasesCommand {
  /// `--follow`: one line for each event, until somebody ends it or nobody reads any more.
  func runFollow() throws {
    try options.run(from: snapshot) { context, output in
      let log = LogOutput(
        isJSON: options.json, usesColor: options.usesColor, usesUTC: options.now != nil)
      let news = try LeaseFollower(log, output).run(context)
      // As a signal would end it.
      if news == .readerGone { throw ExitCode(128 + SIGPIPE) }
      return nil
    }
  }
}

/// What waits, looks and writes: one thread, whatever the compiler thinks of its closures.
private final class LeaseFollower: @unchecked Sendable {
  private let log: LogOutput
  private let output: Output

  init(_ log: LogOutput, _ output: Output) {
    self.log = log
    self.output = output
  }

  /// What ended it; somebody who asked gets what they asked for.
  func run(_ context: ActionContext) throws -> ChangeWatch.News {
    let interrupt = Interrupt()
    let watch = ChangeWatch(
      context.location, output: STDOUT_FILENO, bell: interrupt.descriptor)
    let follow = FollowLeases(
      wait: { seconds in
        let news = watch.wait(seconds: seconds)
        return interrupt.isRequested ? .stopped : news
      }, tell: { self.write($0) })
    return try interrupt.run {
      let news = try follow.perform(in: context)
      guard news != .stopped else { throw CacheError(.cancelled, "it was ended") }
      return news
    }
  }

  private func write(_ events: [LeaseEvent]) { log.write(events, output) }
}
