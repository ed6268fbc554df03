internal import TUI

// What the terminal is asked, once, at the start; and the zone of the times.
extension House {
  /// A terminal that has not answered by then does not change the screen under somebody's eyes.
  private static var patience: Int64 { 10_000 }

  mutating func askBackground() -> Effect<Work> {
    guard settings.theme.asksBackground else { return .none }
    backgroundUntil = clock.advanced(milliseconds: Self.patience)
    return .askBackground
  }

  /// `U`: what the cache's own sentences say of times follows when they are read again.
  mutating func toggleUTC() -> Effect<Work> {
    settings.usesUTC.toggle()
    say(
      settings.usesUTC ? "times are in UTC; U shows the local zone" : "times are in the local zone")
    return start(.clock(utc: settings.usesUTC)) + refresh(.leases)
  }

  /// The first answer in time counts; one that was not asked for, or comes late, is nothing.
  mutating func take(_ answer: Background) {
    guard let until = backgroundUntil else { return }
    backgroundUntil = nil
    if clock <= until { background = answer }
  }
}
