import Inspector
import TUI
import Testing

@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("The mouse and what is pasted")
struct MouseTests {
  private func mouse(_ player: Player, _ button: Mouse.Button, _ x: Int, _ y: Int) {
    player.headless.send(.mouse(Mouse(button, at: Point(x: x, y: y))))
  }

  /// Clicks on the first place that shows the text.
  private func click(_ player: Player, on text: String) {
    for (y, line) in player.screen.split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated()
    {
      guard let place = line.firstRange(of: text)?.lowerBound else { continue }
      return mouse(player, .left, line.distance(from: line.startIndex, to: place), y)
    }
    Issue.record("\(text) is not on the screen")
  }

  @Test("two clicks on a row are Enter; two that are far apart are not")
  func doubleClick() {
    let player = Player().press("3")
    click(player, on: "REUSED")
    player.headless.advance(milliseconds: 1000)
    click(player, on: "REUSED")
    #expect(player.shows("[3 Leases"))
    click(player, on: "REUSED")
    #expect(player.shows("[2 Entries") && player.shows("▸lk wifi-fw"))
  }

  @Test(
    "headers sort, and once more turns around", arguments: [("2", "NAME@VERSION"), ("3", "PID")])
  func headers(tab: String, title: String) {
    let player = Player().press(tab)
    click(player, on: title)
    #expect(player.shows(title + "▲"))
    click(player, on: title)
    #expect(player.shows(title + "▼"))
  }

  @Test("a click on a hint of the footer is its key")
  func footer() {
    let player = Player().press("3")
    click(player, on: "s sort")
    #expect(player.shows("Sort by"))
  }

  @Test("the wheel moves what the pointer is over, and a click there takes the keys")
  func wheel() {
    let player = Player().press("2")
    mouse(player, .wheelDown, 5, 6)
    #expect(player.shows("─ entry #4"))
    mouse(player, .wheelUp, 5, 6)
    #expect(player.shows("─ entry #1"))
    let before = player.screen
    mouse(player, .wheelDown, 5, 20)
    #expect(player.shows("─ entry #1") && player.screen != before)
    mouse(player, .left, 5, 20)
    #expect(player.shows("▸ entry #1"))
    mouse(player, .left, 5, 5)
    #expect(player.shows("─ entry #2"))
  }

  @Test("an item of a menu is chosen by a click, and a click beside it closes the menu")
  func menu() {
    let player = Player().press("2y")
    click(player, on: "i  id")
    #expect(player.shows("copied 1:"))
    player.press("y")
    mouse(player, .left, 0, 0)
    #expect(!player.shows("Copy") && player.shows("[2 Entries"))
  }

  @Test("no click and no wheel accepts a dialog; Cancel can be clicked")
  func dialog() {
    for keys in ["3X", "3/live<Enter>x", "2jjjx", "1X"] {
      var player = Player().press(keys)
      for y in 0..<24 {
        for x in stride(from: 0, to: 80, by: 2) {
          mouse(player, .left, x, y)
          mouse(player, .wheelDown, x, y)
          player.headless.advance(milliseconds: 200)
          #expect(player.cache.changes.isEmpty, "\(keys) at \(x), \(y)")
          if !player.screen.lowercased().contains("cancel") { player = Player().press(keys) }
        }
      }
    }
    let player = Player().press("3X")
    click(player, on: "Cancel")
    #expect(!player.shows("Cancel") && player.cache.changes.isEmpty)
  }

  @Test("a second click in the help runs the row of the first, though the list has moved")
  func help() {
    let player = Player(size: "80x25").press("2?")
    click(player, on: "show only rows that match; ? in the line tells how")
    #expect(player.screen.contains("▸ /"))
    let moved = player.screen
    click(player, on: "show only rows that match; ? in the line tells how")
    #expect(player.screen == moved, "another row, so a first click")
    click(player, on: "show only rows that match; ? in the line tells how")
    #expect(!player.shows("Help for Entries") && player.shows("\n /  "))
  }

  @Test("what is pasted is never keys: on a list, in a menu and in a dialog")
  func paste() {
    for keys in ["2", "2y", "3X", "3/live<Enter>x", "1J"] {
      let player = Player().press(keys)
      player.headless.send(.paste("rX61500\nr"))
      player.headless.send(.key(.enter))
      #expect(player.cache.changes.isEmpty && player.headless.exitCode == nil, "\(keys)")
    }
    let player = Player().press("2")
    player.headless.send(.paste("q"))
    #expect(player.shows("pasted text is never taken for keys: press / first"))
    player.press("/")
    player.headless.send(.paste("wifi\nfw"))
    #expect(player.shows("/wifi fw"))
  }
}
