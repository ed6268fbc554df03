import Inspector
import Testing

@Suite("Words for a shell")
struct ShellWordTests {
  @Test(
    "plain words stay, others are quoted",
    arguments: [
      ("a/b.lnk", "a/b.lnk"), ("a b", "'a b'"), ("it's", #"'it'\''s'"#), ("", "''"),
      ("$(reboot)", "'$(reboot)'"), ("~root", "'~root'"),
    ])
  func quote(text: String, expected: String) {
    #expect(ShellWord.quote(text) == expected)
  }

  @Test(
    "a command in a sentence gets the cache, where it takes one",
    arguments: [
      ("Run `cachescope migrate` first", "Run `cachescope migrate --cache /c` first"),
      (
        "`cachescope gc` or `cachescope pin 1`",
        "`cachescope gc --cache /c` or `cachescope pin 1 --cache /c`"
      ),
      (
        "`cachescope --help` tells; try `cachescope demo DIR`",
        "`cachescope --help` tells; try `cachescope demo DIR`"
      ),
      (
        "`fbuild daemon stop`, and a lone `cachescope gc",
        "`fbuild daemon stop`, and a lone `cachescope gc"
      ),
    ])
  func hint(text: String, expected: String) {
    #expect(CommandHint.naming("--cache /c", in: text) == expected)
    #expect(CommandHint.naming("", in: text) == text)
  }

  @Test(
    "a path below the home folder begins with a tilde outside the quotes",
    arguments: [
      ("/home/ada/cache", "~/cache"), ("/home/ada/my cache", "~/'my cache'"),
      ("/home/adam/x", "/home/adam/x"), ("/home/ada/", "/home/ada/"),
    ])
  func path(text: String, expected: String) {
    #expect(ShellWord.path(text, home: "/home/ada") == expected)
    #expect(ShellWord.path(text, home: nil) == ShellWord.quote(text))
  }
}
