import Inspector
import TUI
import Testing

@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("A filter term that cannot be used")
struct FilterHintTests {
  private func status(_ keys: String) -> String {
    let player = Player(Samples.linkCache(), size: "160x50").press(keys)
    return player.screen.split(separator: "\n").map(String.init)[2]
  }

  @Test(
    "it says what is wrong while it is typed, in the words of the command line",
    arguments: [
      ("2/foo:x", "of 9: 'foo:x': no field foo; there are added age hash id kind name path phase"),
      ("2/age>x", "of 9: 'age>x': age takes an age such as 6h or 3d, not 'x'"),
      ("2//[/", "of 9: '/[/': no regular expression that can be used"),
      ("3/foo:x", "of 4: 'foo:x': no field foo; there are age entry holder kind name pid ref size"),
      ("3/!pid:abc", "of 4: 'pid:abc': pid takes a number, not 'abc'"),
      ("3/age>", "of 4: 'age>': age takes an age such as 6h or 3d, not ''"),
      ("3/user>ada", "of 4: 'user>ada': user takes user:TEXT, not >"),
      ("3/user=ada", "of 4: 'user=ada': user takes user:TEXT, not ="),
      ("3/a{2}/", ""), ("3//[/", "of 4: '/[/': no regular expression that can be used"),
      ("5/kind:x", "of 8: 'kind:x': no field kind; there are name sha size state url"),
      ("5/size>much", "of 8: 'size>much': size takes a size such as 10M, not 'much'"),
    ])
  func hint(keys: String, words: String) {
    #expect(status(keys).contains(words), "\(status(keys))")
    #expect(status(keys + "<Enter>").contains(words))
    #expect(status(keys).contains(": '") == !words.isEmpty)
  }

  @Test("the same filter is refused by the same words on the command line")
  func oneDefinition() throws {
    for text in ["foo:x", "age>x", "name>a", "size>"] {
      let problem = try #require(EntryFilter(text).problem)
      #expect(status("2/\(text)").contains(problem))
    }
  }

  @Test(
    "what can be used has no hint",
    arguments: [
      "3/pid:41207", "3/state:dead age>=6h", "3/blocks<<=1G", "3/https://example.com:80",
      "3/esp32:3",
      "5/sha256:9f", "5/size>=1M", "3/verdict:dead", "3//de.d/", "5/12:30",
    ])
  func usable(keys: String) {
    #expect(!status(keys).contains(": '"), "\(status(keys))")
  }

  @Test("leases take <= and >=, as entries do")
  func orEqual() {
    let player = Player(size: "160x50").press("3/ref>=2<Enter>")
    #expect(player.shows("41207") && !player.shows("61500"))
    #expect(Player().press("3/ref<<=1<Enter>").shows("showing 3 of 4"))
  }

  @Test("Esc takes the hint away")
  func escape() {
    #expect(!Player().press("3/foo:x<Esc>").shows("no field"))
  }

  @Test("where the status line is too short, the empty list says all of it")
  func narrow() {
    let screen = Player(size: "60x20").press("3/foo:x").screen
    let words = screen.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
    #expect(words.contains("there are age entry holder kind name pid ref size user verdict"))
  }
}
