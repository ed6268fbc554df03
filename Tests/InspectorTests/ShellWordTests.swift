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
