internal import Glibc

/// A point in time that only grows, in nanoseconds from an arbitrary start.
package struct Moment: Comparable, Hashable, Sendable {
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  package static func now() -> Moment {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Moment(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
  }

  package func advanced(milliseconds: Int64) -> Moment {
    Moment(nanoseconds: nanoseconds &+ milliseconds &* 1_000_000)
  }

  package func milliseconds(since earlier: Moment) -> Int64 {
    (nanoseconds &- earlier.nanoseconds) / 1_000_000
  }

  package static func < (left: Moment, right: Moment) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
}

package struct Mouse: Hashable, Sendable {
  package enum Button: Sendable { case left, middle, right, wheelUp, wheelDown }

  package var button: Button
  package var point: Point

  package init(_ button: Button, at point: Point) {
    self.button = button
    self.point = point
  }
}

/// What the terminal reports.
package enum Input: Hashable, Sendable {
  case key(Key)
  case paste(String)
  case mouse(Mouse)
  case focus(Bool)
  /// The terminal says what its background is, asked or not.
  case background(Background)
  case resize
  /// The terminal was given back to the shell and is ours again.
  case resumed
  /// A signal, or the end of the terminal, asks for the end; the exit code.
  case end(Int32)
}

/// What a program's `update` is told, in order of arrival.
package enum Event<Message: Sendable>: Sendable {
  case started
  case key(Key)
  case paste(String)
  case mouse(Mouse)
  case focus(Bool)
  case background(Background)
  case resize(Size)
  case resumed
  /// A report of a job that is still wanted.
  case message(Message)
  /// A job has ended and none of its name waits.
  case ended(JobID)
  /// The program's deadline has come.
  case tick
  /// A child that the program started has ended; its exit code, a negative errno where it could not start.
  case childEnded(Int32)
}
