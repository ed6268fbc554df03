internal import CacheKit
internal import TUI

/// How a room follows what happens. Every room hears everything, in the order of the list.
protocol RoomUpdate: Sendable {
  /// What it wants at the start of the program.
  mutating func begin(in house: inout House) -> Effect<Work>
  /// What it wants when a person comes in.
  mutating func enter(in house: inout House) -> Effect<Work>
  /// What it wants loaded now; asked after every event.
  mutating func wants(in house: inout House) -> Effect<Work>
  /// What is read again whenever the index changed.
  func reads(in house: House) -> [Work]
  /// What it reads again in its own time; of interest where such a job was asked for while it ran.
  func ownReads(in house: House) -> [Work]
  /// Everything is read again: what is known is old from now on.
  mutating func reload(in house: inout House) -> Effect<Work>

  mutating func receive(_ message: Message, in house: inout House) -> Effect<Work>
  /// Every room has taken a message: for what is made of the others' news.
  mutating func noteNews(in house: House)
  mutating func jobEnded(_ job: JobID, in house: inout House) -> Effect<Work>
  /// True where it has said itself what failed.
  mutating func fail(_ work: Work, _ error: CacheError, in house: inout House) -> Bool
  /// The words for a job that a person cancelled; `nil` where there is nothing to say.
  func cancelWords(of job: JobID) -> String?
  /// The answer of a dialog; `nil` where it is not this room's affair.
  mutating func accept(
    _ change: Change, of dialog: Dialog<Change>, in house: inout House
  ) -> Effect<Work>?
  mutating func changed(_ change: Change)
  /// The editor, pager or shell gave the terminal back.
  mutating func childEnded(hasFailed: Bool, in house: inout House) -> Effect<Work>
  mutating func tick(in house: inout House)
  /// Esc, where nothing that all rooms have is open: `nil` where there is nothing of its own to leave.
  mutating func stepOut(in house: inout House) -> Effect<Work>?
  /// When it wants a tick.
  func deadline(in house: House) -> Moment?

  /// How far a job of its own is, on the message line.
  func progress(of job: JobID, in house: House) -> String?
  /// The same in the strip of tasks.
  func task(of job: JobID, since: Moment, in house: House) -> String?
}

extension RoomUpdate {
  mutating func begin(in house: inout House) -> Effect<Work> { .none }
  mutating func enter(in house: inout House) -> Effect<Work> { .none }
  mutating func wants(in house: inout House) -> Effect<Work> { .none }
  func reads(in house: House) -> [Work] { [] }
  func ownReads(in house: House) -> [Work] { [] }
  mutating func reload(in house: inout House) -> Effect<Work> { .none }

  mutating func receive(_ message: Message, in house: inout House) -> Effect<Work> { .none }
  mutating func noteNews(in house: House) {}
  mutating func jobEnded(_ job: JobID, in house: inout House) -> Effect<Work> { .none }
  mutating func fail(_ work: Work, _ error: CacheError, in house: inout House) -> Bool { false }
  func cancelWords(of job: JobID) -> String? { nil }
  mutating func accept(
    _ change: Change, of dialog: Dialog<Change>, in house: inout House
  ) -> Effect<Work>? { nil }
  mutating func changed(_ change: Change) {}
  mutating func childEnded(hasFailed: Bool, in house: inout House) -> Effect<Work> { .none }
  mutating func tick(in house: inout House) {}
  mutating func stepOut(in house: inout House) -> Effect<Work>? { nil }
  func deadline(in house: House) -> Moment? { nil }

  func progress(of job: JobID, in house: House) -> String? { nil }
  func task(of job: JobID, since: Moment, in house: House) -> String? { nil }
}
