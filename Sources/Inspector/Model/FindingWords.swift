package import CacheKit
internal import TUI

/// A finding in words, the same ones on the screen and on the command line; safe to show.
extension Finding {
  /// "3 leases: holder process is gone".
  package var title: String { "\(Format.text(subject)): \(Format.text(message))" }

  /// "blocks 1.3 GiB", "blocks nothing", or whatever else it costs.
  package var impactWords: String {
    guard bytes <= 0 else { return "\(Format.text(impact)) \(Format.size(bytes))" }
    return impact == "blocks" ? "blocks nothing" : Format.text(impact)
  }

  /// The command that helps, as a shell takes it; `nil` where none does.
  ///
  /// `cache` is how it names the cache. As another user it is always named: sudo takes the environment
  /// away.
  package func command(cache: String, as owner: OwnerWords.Owner? = nil) -> String? {
    guard let fix else { return nil }
    var words = fix.words.map { ShellWord.quote(Format.text($0)) }
    if let owner, fix.kind != .shows {
      words.append(owner.cache)
      return OwnerWords.command(owner.name, words.joined(separator: " "))
    }
    if !cache.isEmpty { words.append(cache) }
    return (["cachescope"] + words).joined(separator: " ")
  }
}

extension Finding {
  /// The command that helps, as it has to be typed for this cache; `nil` where none does.
  package func command(_ report: ShowStatus.Report) -> String? {
    let location = report.location
    let named = "--cache \(ShellWord.quote(location.root))"
    return command(
      cache: location.cacheOption ?? "", as: report.owner.map { .init(name: $0, cache: named) })
  }
}

extension OwnerWords {
  /// Another user, and how a command of theirs names the cache.
  package struct Owner: Sendable, Hashable {
    package var name: String
    package var cache: String

    package init(name: String, cache: String) {
      self.name = name
      self.cache = cache
    }
  }
}
