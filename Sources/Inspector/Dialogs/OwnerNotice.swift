internal import CacheKit
internal import TUI

/// What helps where the rights of this user do not suffice: a line to copy. It is never run here.
extension House {
  /// This program as the owner of the cache; `nil` where that would not help.
  var ownCommandAsOwner: String? {
    guard settings.readOnlyReason == nil, let owner = facts?.owner, let words = settings.ownerWords
    else { return nil }
    return OwnerWords.command(owner, words.own)
  }

  /// Says why a key changes nothing; where rights are missing with the whole line, for that may be
  /// longer than a row. `change` is what the key would have asked for.
  mutating func refuse(_ reason: String, _ key: Key, change: Change? = nil) {
    guard let own = ownCommandAsOwner else { return say(reason, .warn) }
    var line = own
    if let change, let owner = facts?.owner, let exact = command(of: .change(change), as: owner) {
      line = exact
    }
    show(
      .notice(
        title: "Nothing was changed",
        lines: [.init(reason, .warn)] + Self.asOwner(line), at: clock, openedBy: key))
  }

  /// What a failed action says below its message.
  func hintLines(_ work: Work, _ error: CacheError) -> [Dialog<Change>.Line] {
    if let needed = error.cause as? OwnerNeeded, let command = command(of: work, as: needed.owner) {
      return Self.asOwner(command)
    }
    return error.hint.map {
      [.init(Format.text(CommandHint.naming(settings.cacheOption, in: $0)))]
    } ?? []
  }

  private static func asOwner(_ command: String) -> [Dialog<Change>.Line] {
    [.init(""), .init("Run it as the owner:"), .init(command, .strong)]
  }

  /// The action as its command, where there is one; else this program.
  private func command(of work: Work, as owner: String) -> String? {
    guard let words = settings.ownerWords else { return nil }
    guard case .change(let change) = work,
      let line = change.commands(cacheOption: words.cache).first
    else { return OwnerWords.command(owner, words.own) }
    return OwnerWords.command(owner, String(line.dropFirst("cachescope ".count)))
  }
}
