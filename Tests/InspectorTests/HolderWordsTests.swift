import CacheIndex
import CacheKit
import Inspector
import Testing

@Suite("The words for a holder")
struct HolderWordsTests {
  private func words(_ command: String) -> String {
    let row = Samples.lease(1, 1, pid: 61_500, .live, "runs", age: 134, command: command)
    return JudgedLease(lease: row.lease, judgement: row.judgement).holderWords
  }

  @Test("a command line of usual length is given as it is")
  func whole() {
    #expect(words("fbuild build -e esp32s3") == "fbuild build -e esp32s3")
    let longest = String(repeating: "x", count: Format.longestCommand)
    #expect(words(longest) == longest)
  }

  @Test("one that holds a shell's script is cut off, so that a page of text holds other leases too")
  func cutOff() {
    let words = words("bash -c " + String(repeating: "echo built\n", count: 2000))
    #expect(words.count == Format.longestCommand)
    #expect(words.hasPrefix("bash -c echo") && words.hasSuffix("..."))
  }
}
