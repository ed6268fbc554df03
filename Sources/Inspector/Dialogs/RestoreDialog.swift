internal import CacheKit
internal import TUI

extension House {
  /// The run whose files can be put back in place of undoing this line; `nil` for none.
  func keptRun(of line: JournalLine?) -> RestoreTrash.Kept? {
    guard let kept = facts?.kept, line == nil || line?.action == "evict" else { return nil }
    return (wallTime(at: clock) ?? 0) < kept.until ? kept : nil
  }

  /// `u` after a run whose files are kept.
  mutating func askRestore(_ kept: RestoreTrash.Kept, _ key: Key) -> Effect<Work> {
    let change = Change.restore(plan: kept.plan)
    let isPlan = kept.plan != "evict"
    let name = isPlan ? "plan \(Format.text(kept.plan))" : "the eviction"
    let until = Format.time(kept.until, utc: settings.usesUTC)
    show(
      Dialog(
        title: "Put back what \(name) took?",
        lines: [
          .init("Its files are kept until \(until)."),
          .init(""),
          .init(
            "Effect: files and rows go back where nothing new has taken their place, and use their "
              + "space again."),
        ],
        commands: change.commands(cacheOption: settings.cacheOption), action: change,
        tier: .confirm(key: "t", label: "Take it back"), openedBy: key, at: clock))
    return .flushInput
  }
}
