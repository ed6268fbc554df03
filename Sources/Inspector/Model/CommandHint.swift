package import CacheKit

/// Commands of ours in sentences, as they have to be typed for a cache.
package enum CommandHint {
  /// `` `cachescope migrate` `` with `option` behind its words, wherever it stands in the text.
  ///
  /// Followed without it, a hint would be about another cache. Verbs that do not take it are left alone.
  package static func naming(
    _ option: String, in text: String, where takes: (String) -> Bool = { _ in true }
  ) -> String {
    guard !option.isEmpty else { return text }
    var parts = text.split(separator: "`", omittingEmptySubsequences: false).map(String.init)
    for place in stride(from: 1, to: parts.count - 1, by: 2)
    where takesCache(parts[place]) && takes(parts[place]) {
      parts[place] += " \(option)"
    }
    return parts.joined(separator: "`")
  }

  private static func takesCache(_ command: String) -> Bool {
    let words = command.split(separator: " ")
    return words.first == "cachescope" && words.count > 1 && words[1] != "demo"
      && !words.contains("--help")
  }

  /// `cachescope migrate --cache /srv/cache`; the cache is named where it is not found without that.
  package static func command(_ words: String, _ location: CacheLocation) -> String {
    (["cachescope", words] + [location.cacheOption].compactMap(\.self)).joined(separator: " ")
  }
}

extension CacheLocation {
  /// `--cache` with the root, where no environment and no configuration names it.
  package var cacheOption: String? {
    // A snapshot's cache is not the one that is meant here by default.
    reason == .option || reason == .snapshot ? "--cache \(ShellWord.quote(root))" : nil
  }
}
