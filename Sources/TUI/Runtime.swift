import Glibc

/// Runs a program on a terminal: one thread, one inbox, one picture a turn.
package final class Runtime<P: Program> {
  package private(set) var program: P
  private let terminal: any Terminal
  private let perform: Perform<P>
  private let inbox: Inbox<P.Message>
  private var jobs = JobLedger<P.Work>()
  private var exitCode: Int32?
  private var isFlushing = false
  private var needsPicture = true

  /// `wake` must make the terminal's `wait` return and be safe on every thread.
  package init(
    _ program: P, on terminal: any Terminal, wake: @escaping @Sendable () -> Void,
    perform: @escaping Perform<P>
  ) {
    self.program = program
    self.terminal = terminal
    self.perform = perform
    self.inbox = Inbox(wake: wake)
  }

  package static func now() -> Moment { .now() }

  /// Runs until the program quits and every job has ended; returns the exit code.
  package func run() -> Int32 {
    send(.resize(terminal.size))
    send(.started)
    while exitCode == nil {
      present()
      turn(terminal.wait(milliseconds: timeout))
    }
    finishJobs()
    return exitCode ?? 0
  }

  private var timeout: Int? {
    program.deadline.map { max(0, Int($0.milliseconds(since: Self.now()) + 1)) }
  }

  private func turn(_ inputs: [Input]) {
    isFlushing = false
    for input in inputs where exitCode == nil { take(input) }
    for letter in inbox.take() { take(letter) }
    if let deadline = program.deadline, deadline <= Self.now() { send(.tick) }
  }

  private func take(_ input: Input) {
    switch input {
    case .key(let key): if !isFlushing { send(.key(key)) }
    case .paste(let text): if !isFlushing { send(.paste(text)) }
    case .mouse(let mouse): if !isFlushing { send(.mouse(mouse)) }
    case .focus(let isOn): send(.focus(isOn))
    case .background(let background): send(.background(background))
    case .resize: send(.resize(terminal.size))
    case .resumed:
      send(.resize(terminal.size))
      send(.resumed)
    case .end(let code): exitCode = code
    }
  }

  private func take(_ letter: Inbox<P.Message>.Letter) {
    switch letter {
    case .report(let message, let id, let serial):
      if jobs.accepts(serial, of: id) { send(.message(message)) }
    case .ended(let id):
      if let next = jobs.end(id) { launch(next) } else { send(.ended(id)) }
    }
  }

  private func send(_ event: Event<P.Message>) {
    needsPicture = true
    for effect in program.update(event, at: Self.now()).flattened { carryOut(effect) }
  }

  private func carryOut(_ effect: Effect<P.Work>) {
    switch effect {
    case .none, .batch: break
    case .start(let work, let id): if let job = jobs.start(work, as: id) { launch(job) }
    case .cancel(let id): jobs.cancel(id)
    case .quit(let code): exitCode = code
    case .flushInput: isFlushing = true
    case .redraw: terminal.redraw()
    case .suspend:
      terminal.suspend()
      take(.resumed)
    case .bell: terminal.bell()
    case .askBackground: terminal.askBackground()
    case .clipboard(let text): terminal.send(Clipboard.sequence(for: text))
    case .run(let arguments, let directory):
      let code = terminal.run(arguments, directory: directory)
      send(.resize(terminal.size))
      send(.childEnded(code))
    }
  }

  private func launch(_ job: JobLedger<P.Work>.Job) {
    let inbox = inbox
    let perform = perform
    let started = WorkerThread.start {
      let reporter = Reporter<P.Message>(token: job.token) {
        inbox.post(.report($0, job.id, serial: job.serial))
      }
      perform(job.work, reporter)
      inbox.post(.ended(job.id))
    }
    if !started { inbox.post(.ended(job.id)) }
  }

  private func present() {
    guard needsPicture else { return }
    needsPicture = false
    var frame = Frame(size: terminal.size, glyphs: program.glyphs)
    program.view(into: &frame)
    terminal.present(frame, palette: program.palette)
    // What was typed while the old picture was on the screen was not meant for this one.
    if isFlushing { terminal.flushInput() }
  }

  // A change is awaited for as long as it takes; a query that hangs in the kernel is left behind.
  private func finishJobs() {
    jobs.cancelAll()
    let limit = Self.now().advanced(milliseconds: 2000)
    while !jobs.isIdle {
      let hasChange = jobs.runningIDs.contains { $0.kind == .change }
      if !hasChange, Self.now() >= limit { return }
      _ = terminal.wait(milliseconds: 50)
      for case .ended(let id) in inbox.take() { _ = jobs.end(id) }
    }
  }
}
