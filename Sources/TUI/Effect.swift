/// The name of a job: what runs under it, and what a second start of the same name means.
package struct JobID: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// Reads: the newest of a name wins, the one before is cancelled and its reports are dropped.
    case query
    /// Writes: a second start of the same name is ignored while the first runs.
    case change
    /// Long writes, such as downloads: like a change, but a person may cancel them.
    case task
    /// Runs until the program ends, such as a poll; not run in scripts.
    case watch
  }

  package let name: String
  package let kind: Kind

  package init(_ name: String, _ kind: Kind = .query) {
    self.name = name
    self.kind = kind
  }
}

/// What should happen after an update, as data: tests compare it, the runtime carries it out.
package enum Effect<Work: Equatable & Sendable>: Equatable, Sendable {
  case none
  case start(Work, as: JobID)
  case cancel(JobID)
  /// Ends the program with this exit code, after every job has ended.
  case quit(Int32)
  /// Drops what was typed before the next picture is seen.
  case flushInput
  /// Repaints every cell.
  case redraw
  /// Gives the terminal back to the shell until the job continues.
  case suspend
  case bell
  /// Asks the terminal once what its background is; `Event.background` may follow, at any time or never.
  case askBackground
  /// Sends text to the terminal's clipboard (OSC 52).
  case clipboard(String)
  /// Runs another program in the foreground; `Event.childEnded` follows.
  case run([String], directory: String?)
  indirect case batch([Effect])

  /// The plain effects in order.
  package var flattened: [Effect] {
    switch self {
    case .none: []
    case .batch(let effects): effects.flatMap(\.flattened)
    default: [self]
    }
  }

  package static func + (left: Effect, right: Effect) -> Effect {
    let all = left.flattened + right.flattened
    return all.count > 1 ? .batch(all) : all.first ?? .none
  }
}
