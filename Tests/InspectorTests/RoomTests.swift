import Inspector
import TUI
import Testing

@testable import CacheKit

@Suite("The list of rooms")
struct RoomTests {
  @Test("every room has a number and a word of its own, and the numbers are keys in order")
  func tabs() {
    let tabs = Tab.allCases
    #expect(tabs.map(\.number) == Array(1...tabs.count))
    #expect(Set(tabs.map(\.word)).count == tabs.count)
    for tab in tabs {
      #expect(Player().press(String(tab.number)).shows("[\(tab.number) \(tab.title)"))
    }
  }

  @Test("] and [ go through all rooms and round")
  func round() {
    let player = Player()
    let tabs = Tab.allCases
    for tab in tabs.dropFirst() + tabs.prefix(1) {
      #expect(player.press("]").shows("[\(tab.number) \(tab.title)"))
    }
    for tab in tabs.reversed() {
      #expect(player.press("[").shows("[\(tab.number) \(tab.title)"))
    }
  }

  @Test("a binding of a room is found from every other room, and leads there")
  func palette() {
    for tab in Tab.allCases {
      let player = Player().press("\(tab.number):ghost<Enter>")
      #expect(player.shows("[2 Entries"), "\(tab.title)")
    }
  }

  @Test("the work of a room equals only the same work of the same room")
  func work() {
    #expect(Work.entries(.rows([1])) == .entries(.rows([1])))
    #expect(Work.entries(.rows([1])) != .entries(.rows([2])))
    #expect(Work.entries(.verify([1])) != .migrations(.rehearse))
    #expect(Set([Work.migrations(.openers), .migrations(.openers), .facts]).count == 2)
  }

  @Test("Enter on each problem leads to the rows of its room, and Esc back")
  func problems() {
    let player = Player(Samples.cache(pendingMigration: true)).press("1")
    for row in 0..<3 {
      player.press("g" + String(repeating: "j", count: row) + "<Enter>")
      #expect(!player.shows("[1 Overview"), "\(row)")
      player.press("<Esc>")
      #expect(player.shows("[1 Overview"), "\(row)")
    }
  }
}
