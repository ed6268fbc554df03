import Inspector
import TUI
import Testing

@Suite("The table of bindings")
struct BindingTests {
  @Test("no key means two things on one screen", arguments: Tab.allCases)
  func duplicates(tab: Tab) {
    var seen: [Key: String] = [:]
    for binding in Binding.all where binding.isValid(on: tab) {
      for key in binding.keys {
        if let other = seen[key] {
          Issue.record("\(key.name) is \(other) and \(binding.id) on \(tab)")
        }
        seen[key] = binding.id
      }
    }
  }

  @Test("every binding has an id of its own, keys, words and a sentence of help")
  func complete() {
    #expect(Set(Binding.all.map(\.id)).count == Binding.all.count)
    for binding in Binding.all {
      #expect(!binding.keys.isEmpty)
      #expect(!binding.words.isEmpty && !binding.help.isEmpty, "\(binding.id)")
    }
  }

  @Test("every binding of a screen is in its help", arguments: Tab.allCases)
  func help(tab: Tab) {
    let player = Player(size: "100x200").press(String(tab.number) + "?")
    for binding in Binding.all where binding.isValid(on: tab) {
      #expect(player.shows(String(binding.help.prefix(40))), "\(binding.id)")
    }
  }

  @Test("what changes the cache is no movement key, and what is dangerous asks first")
  func guards() {
    let moves: Set<Key> = [
      .enter, .character(" "), .up, .down, .control("d"), .control("u"), .character("j"),
      .character("k"), .tab, .escape, .backspace,
    ]
    for binding in Binding.all where binding.isChange {
      #expect(moves.isDisjoint(with: binding.keys), "\(binding.id)")
    }
    for id in ["release", "release-stuck", "repair", "migrate", "fix-safe"] {
      #expect(Binding.all.first { $0.id == id }?.tier != Tier.none)
    }
  }
}
