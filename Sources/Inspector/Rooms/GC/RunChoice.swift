internal import CacheKit
internal import TUI

/// What a person chooses in a dialog that evicts.
enum RunChoice {
  /// Seconds for which the files are kept.
  static let keep: Int64 = 600

  static let keepField = Dialog<Change>.Field(
    "k", "keep",
    choices: [
      "no: the space is freed at once", "10m: u puts it back; no space is freed until then",
    ])
  static let wayField = Dialog<Change>.Field(
    "d", "done by",
    choices: ["cachescope: this plan", "fbuild's daemon: its own limits and rules, no keep"])
  static let phaseField = Dialog<Change>.Field(
    "f", "files", choices: ["all", "installed tree only", "archive only"])
}

extension Change {
  /// The change with what was chosen in its dialog.
  func filled(by dialog: Dialog<Change>) -> Change {
    let keep = dialog.choice(of: "k") == 1 ? RunChoice.keep : nil
    switch self {
    case .collect(let plan, _):
      return dialog.choice(of: "d") == 1 ? .askDaemon : .collect(plan, keep: keep)
    case .evict(let targets, _):
      let phases: [CachePhase?] = [nil, .installed, .archive]
      return .evict(targets, EvictTerms(phase: phases[dialog.choice(of: "f")], keep: keep))
    default: return self
    }
  }
}

extension Dialog {
  /// Which choice of a field is taken; the first one where there is no such field.
  func choice(of key: Character) -> Int { fields.first { $0.key == key }?.choice ?? 0 }

  mutating func choose(_ choice: Int, of key: Character) {
    for index in fields.indices
    where fields[index].key == key && fields[index].choices.indices.contains(choice) {
      fields[index].choice = choice
    }
  }
}
