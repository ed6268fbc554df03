/// A program as a value: events change it, effects leave it, a picture shows it.
///
/// `update` and `view` are pure: they read no clock, no file and no terminal.
package protocol Program: Sendable {
  associatedtype Message: Sendable
  associatedtype Work: Equatable & Sendable

  var palette: Palette { get }
  var glyphs: Glyphs { get }
  /// When `update` wants a tick; `nil` while nothing is scheduled, and the terminal sleeps.
  var deadline: Moment? { get }

  mutating func update(_ event: Event<Message>, at now: Moment) -> Effect<Work>
  func view(into frame: inout Frame)
}

/// Carries out work on a worker's thread; blocking is fine there, the screen is elsewhere.
package typealias Perform<P: Program> = @Sendable (P.Work, Reporter<P.Message>) -> Void

/// How a job speaks to its program.
package struct Reporter<Message: Sendable>: Sendable {
  private let token: CancelToken
  private let deliver: @Sendable (Message) -> Void

  package init(token: CancelToken, deliver: @escaping @Sendable (Message) -> Void) {
    self.token = token
    self.deliver = deliver
  }

  package func send(_ message: Message) { deliver(message) }
  package var isCancelled: Bool { token.isCancelled }

  /// Calls the handler once when the job is cancelled, at once where it already is.
  package func onCancel(_ handler: @escaping @Sendable () -> Void) { token.onCancel(handler) }

  /// Sleeps until the time is over or the job is cancelled; false where it was cancelled.
  package func sleep(milliseconds: Int) -> Bool { token.sleep(milliseconds: milliseconds) }
}

/// The terminal as the runtime needs it; everything but waking happens on the runtime's thread.
package protocol Terminal: AnyObject {
  var size: Size { get }
  /// Waits for input, a wake-up or the end of the time (`nil`: for ever).
  func wait(milliseconds: Int?) -> [Input]
  func present(_ frame: Frame, palette: Palette)
  func flushInput()
  func redraw()
  /// Stops the program as ^Z does; returns when it continues.
  func suspend()
  func run(_ arguments: [String], directory: String?) -> Int32
  func bell()
  /// Asks for the background's colour, where the terminal can be asked; `Input.background` is the answer.
  func askBackground()
  /// Sends a control sequence of our own making.
  func send(_ bytes: [UInt8])
}
