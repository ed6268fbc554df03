import Inspector
import TUI
import Testing

@testable import CacheGround
@testable import CacheKit

@Suite("Where the rights of this user do not suffice")
struct OwnerTests {
  private static let words = OwnerWords(
    own: "--cache /srv/cache", cache: "--cache /srv/cache")

  private func player(_ size: String = "80x24", isReadOnly: Bool = true) -> Player {
    let cache = Samples.cache()
    cache.change {
      $0.owner = isReadOnly ? "ci" : nil
      $0.readOnlyReason = isReadOnly ? "index not writable by uid 1001" : nil
    }
    return Player(cache, size: size) { $0.ownerWords = Self.words }
  }

  @Test(
    "a key that changes something says why not, and the line that would do it",
    arguments: [
      ("3x", "release "), ("3X", "release "), ("2p", "pin "), ("4b", "--cache"), ("u", "--cache"),
      ("5F", "--cache"), ("Ju", "--cache"),
    ])
  func refusedKey(keys: String, command: String) {
    let player = player().press(keys)
    #expect(player.shows("read-only: index not writable by uid 1001"))
    #expect(player.shows("sudo -u ci cachescope \(command)"))
    // A long line is broken between its words.
    #expect(player.shows("--cache") && player.shows("/srv/cache"))
    #expect(!player.press("<Esc>").shows("sudo") && player.cache.changes.isEmpty)
  }

  @Test("read-only by choice has no such line")
  func byChoice() {
    let cache = Samples.cache()
    cache.change { $0.owner = "ci" }
    let player = Player(cache) {
      $0.ownerWords = Self.words
      $0.readOnlyReason = "started with --read-only"
    }
    #expect(player.press("3x").shows("read-only: started with --read-only"))
    #expect(!player.shows("sudo"))
  }

  @Test("a change that was refused by the system is shown as the owner's command")
  func failedChange() {
    let needed = OwnerNeeded(owner: "c i")
    let player = player(isReadOnly: false).press("3x")
    player.cache.change {
      $0.failure = CacheError(.permission, "index.sqlite: Permission denied", cause: needed)
    }
    player.press("r")
    #expect(player.shows("index.sqlite: Permission denied"))
    #expect(player.shows("sudo -u 'c i' cachescope release"))
    // The line is longer than the dialog, which breaks it between its words.
    #expect(player.shows("--cache") && player.shows("/srv/cache"))
  }
}
