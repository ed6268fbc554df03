import CacheKit
import Inspector
import SystemPackage
import TUI

/// The command line of this process, as another user would type it.
enum AsOwner {
  /// `sudo -u alice cachescope pin 1 --cache /srv/cache`.
  ///
  /// sudo takes the caller's environment away: a root that came from there is named.
  static func command(
    _ owner: String, _ root: FilePath?, arguments: [String] = ArgumentBytes.all()
  ) -> String {
    OwnerWords.command(owner, words(root, arguments: arguments))
  }

  /// The words behind the program's name.
  ///
  /// Shells keep their history, and jobs their logs: secrets stand as `***`, and have to be typed again.
  static func words(_ root: FilePath?, arguments: [String] = ArgumentBytes.all()) -> String {
    var words = SecretArguments.masked(Array(arguments.dropFirst())).map {
      word($0.contains("://") ? URLText.masked($0) : $0)
    }
    if let root {
      let end = words.firstIndex(of: "--") ?? words.endIndex
      words.insert(contentsOf: ["--cache", ShellWord.quote(root)], at: end)
    }
    return words.joined(separator: " ")
  }

  private static func word(_ argument: String) -> String {
    ArgumentBytes.isText(argument)
      ? ShellWord.quote(SafeText.finish(argument, asciiOnly: false))
      : ShellWord.quote(FilePath(bytes: ArgumentBytes.decode(argument)))
  }
}
