/// Runs a program without a terminal: scripted keys in, the screen as text out.
///
/// Jobs run at once and one after the other on the caller's thread, and the clock moves by one
/// second a key, so the same script always gives the same screen.
package final class Headless<P: Program> {
  package private(set) var program: P
  package private(set) var size: Size
  package private(set) var exitCode: Int32?
  /// What a terminal would have been asked to do: every effect but the jobs.
  package private(set) var effects: [Effect<P.Work>] = []
  package private(set) var now = Moment(nanoseconds: 0)
  /// Ticks that left their deadline where it was: on a terminal each of them would be followed by another one
  /// at once, without end.
  package private(set) var lateTicks = 0
  private let perform: Perform<P>
  private var queue: [(work: P.Work, id: JobID)] = []

  package init(_ program: P, size: Size, perform: @escaping Perform<P>) {
    self.program = program
    self.size = size
    self.perform = perform
    send(.resize(size))
    send(.started)
  }

  package var frame: Frame {
    var frame = Frame(size: size, glyphs: program.glyphs)
    program.view(into: &frame)
    return frame
  }

  package func press(_ keys: [Key]) {
    for key in keys where exitCode == nil {
      advance(milliseconds: 1000)
      send(.key(key))
    }
    advance(milliseconds: 500)
  }

  package func resize(to size: Size) {
    self.size = size
    send(.resize(size))
  }

  /// Lets time pass; the program's ticks come as they are due.
  package func advance(milliseconds: Int64) {
    let end = now.advanced(milliseconds: milliseconds)
    var ticks = 0
    while let deadline = program.deadline, deadline <= end, ticks < 1000 {
      now = max(now, deadline)
      ticks += 1
      send(.tick)
      if let next = program.deadline, next <= now { lateTicks += 1 }
    }
    now = end
  }

  package func send(_ event: Event<P.Message>) {
    take(event)
    var rounds = 0
    while !queue.isEmpty, exitCode == nil, rounds < 10_000 {
      let (work, id) = queue.removeFirst()
      rounds += 1
      run(work, as: id)
    }
  }

  private func take(_ event: Event<P.Message>) {
    for effect in program.update(event, at: now).flattened {
      switch effect {
      case .start(let work, let id): enqueue(work, as: id)
      case .cancel(let id): queue.removeAll { $0.id == id }
      case .quit(let code): exitCode = code
      default: effects.append(effect)
      }
    }
  }

  private func enqueue(_ work: P.Work, as id: JobID) {
    guard id.kind != .watch else { return }
    if let index = queue.firstIndex(where: { $0.id == id }) {
      if id.kind == .query { queue[index].work = work }
    } else {
      queue.append((work, id))
    }
  }

  private func run(_ work: P.Work, as id: JobID) {
    let reports = Inbox<P.Message>(wake: {})
    let token = CancelToken()
    perform(work, Reporter(token: token) { reports.post(.report($0, id, serial: 0)) })
    for case .report(let message, _, _) in reports.take() { take(.message(message)) }
    take(.ended(id))
  }
}
