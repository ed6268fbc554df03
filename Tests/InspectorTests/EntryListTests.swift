import Inspector
import TUI
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("The list of entries")
struct EntryListTests {
  private func status(_ player: Player) -> String {
    String(player.screen.split(separator: "\n")[2])
  }

  @Test("a row's bar is its share of the largest, to an eighth of a cell, and never empty")
  func shares() {
    let player = Player(size: "160x50").press("2")
    #expect(player.shows("1.1G ██████"))
    #expect(player.shows(" 812M ████▍"))
    #expect(player.shows("    7 ▏"))
    let ascii = Player(size: "160x50") { $0.glyphs = .ascii }.press("2")
    #expect(ascii.shows("1.1G ###### ") && ascii.shows("    7 # "))
  }

  @Test("with a filter the bars are shares of the largest that is listed")
  func filteredShares() {
    let player = Player(size: "160x50").press("2/FastLED<Enter>")
    #expect(player.shows("2.0M ██████"))
  }

  @Test("what keeps an entry is said in words, in long and in short")
  func keptBy() {
    let cache = Samples.cache()
    cache.change { state in
      state.leases[3].lease.pinReason = "release builds"
      state.leases.append(Samples.lease(9, 3, pid: 41_208, .live, "runs", age: 5))
      state.entries[2].leaseCount = 2
    }
    let wide = Player(cache, size: "240x50").press("2")
    #expect(wide.shows("2 leases, 1 DEAD") && wide.shows("1 lease, REUSED"))
    #expect(wide.shows("pin: release builds") && wide.shows("ghost pin"))
    let narrow = Player(cache).press("2")
    #expect(narrow.shows("DEAD+1") && narrow.shows("REUSED") && narrow.shows(" pin "))
  }

  @Test("GC's order stands beside each entry, also beside those that are kept for now")
  func ranks() {
    let player = Player(size: "160x50").press("2")
    #expect(player.shows(" 1 of 5 ") && player.shows(" 5 of 5 "))
  }

  @Test("the head counts the marks, their bytes and what of them is evictable")
  func marks() {
    let player = Player(size: "160x50").press("2   ")
    #expect(status(player).contains("marked 3 (1.9 GiB, 1.1 GiB evictable)"))
    #expect(Player().press("2   ").shows("· marked 3 (1.9 GiB)"))
    #expect(!status(player.press("<Esc>")).contains("marked"))
  }

  @Test("what is not in memory is counted by a worker")
  func manyMarks() {
    let cache = Samples.cache()
    cache.change { state in
      state.entries = (1...3000).map {
        Samples.entry(
          $0, "packages", RawText("p\($0)"), "1", archive: 1 << 20, installed: nil, age: $0)
      }
    }
    let player = Player(cache, size: "160x50").press("2a")
    #expect(status(player).contains("marked 3,000 (2.9 GiB, 2.9 GiB evictable)"))
    player.press("dD")
    #expect(player.shows("Evict 2,998 entries?"))
  }

  @Test("y copies the same part of all marked rows, a line each")
  func copyMarks() {
    let player = Player().press("2  yi")
    #expect(player.headless.effects.contains(.clipboard("1\n2")))
    let names = Player().press("2  yy")
    let text = "toolchains/xtensa-gcc@14.2\nplatforms/espressif32@6.9.0"
    #expect(names.headless.effects.contains(.clipboard(text)))
    let leases = Player().press("3  yi")
    #expect(leases.headless.effects.contains(.clipboard("3\n5")))
  }

  // MARK: Groups
  @Test("a heading stands for its rows: Space marks them, in sight or not")
  func headings() {
    let player = Player(size: "160x50").press("2T")
    #expect(player.shows("- lnk-blobs  2 entries"))
    player.press("gz")
    #expect(player.shows("+ frameworks  1 entry"))
    player.press("-gjj ")
    #expect(player.shows("+ lnk-blobs  2 entries") && player.shows("●+ lnk-blobs"))
    #expect(status(player).contains("marked 2 (1.4 GiB, 0 B evictable)"))
    player.press("=")
    #expect(player.shows("●lnk-blobs  ") && !player.shows("●frameworks"))
  }

  @Test("folds and marks survive a refresh, and a kind that comes in between")
  func foldsStay() {
    let player = Player(size: "160x50").press("2Tgjjjjz ")
    #expect(player.shows("+ lnk-blobs  2 entries"))
    #expect(status(player).contains("marked 2 (1.4 GiB"))
    player.cache.change {
      $0.entries.append(
        Samples.entry(50, "aaa", "first", "1", archive: 1, installed: nil, age: 5))
    }
    player.headless.send(.message(.indexChanged))
    #expect(player.shows("- aaa  1 entry") && player.shows("+ lnk-blobs  2 entries"))
    #expect(status(player).contains("marked 2 (1.4 GiB"))
    #expect(!player.shows("wifi-fw "))
    player.press("=")
    #expect(player.shows("●lnk-blobs  site-assets") && player.shows("●lnk-blobs  wifi-fw"))
  }

  @Test("a mark that is taken back in a group is taken back from its heading")
  func partOfGroup() {
    let player = Player(size: "160x50").press("2Tgjjjj ")
    #expect(status(player).contains("marked 2 (1.4 GiB") && player.shows("●- lnk-blobs"))
    player.press(" ")
    #expect(status(player).contains("marked 1 (") && !player.shows("●- lnk-blobs"))
    player.press("kk  ")
    #expect(status(player).contains("marked 1 ("))
  }

  @Test("all and none go by the rows of folded groups, too")
  func invertFolded() {
    let player = Player(size: "160x50").press("2T-a")
    #expect(status(player).contains("marked 9 (3.4 GiB"))
    #expect(!status(player.press("*")).contains("marked"))
    #expect(status(player.press("*")).contains("marked 9 ("))
  }

  // MARK: To evict
  @Test("what is chosen stays chosen while filters come and go, and GC tells of it")
  func chosen() {
    let player = Player(size: "160x50").press("2d/wifi<Enter>d<Esc>")
    #expect(status(player).contains("to evict 2 (1.7 GiB, 1.1 GiB evictable)"))
    #expect(player.press("6").shows("chosen     2 entries, 1.7 GiB, apart from this plan"))
    player.press("2ggd")
    #expect(status(player).contains("to evict 1 (640 MiB"))
    player.press("D1<Enter>")
    guard case .evict(let targets, _)? = player.cache.changes.first else {
      Issue.record("nothing was evicted")
      return
    }
    #expect(targets.ids == [5] && !status(player.press("<Esc>")).contains("to evict"))
  }

  @Test("what is gone is chosen no longer")
  func chosenGone() {
    let player = Player().press("2dd")
    player.cache.change { $0.entries.removeAll { $0.id == 2 } }
    player.headless.send(.message(.indexChanged))
    #expect(status(player).contains("to evict 1 (1.1 GiB)"))
  }

  @Test("D without a choice means the marked rows, or the one under the cursor")
  func unchosen() {
    #expect(Player().press("2jD").shows("Evict 1 entry?"))
    #expect(Player().press("2D").shows("nothing would go: leases and pins keep all of it"))
    #expect(Player().press("2  D").shows("stays, a lease holds it"))
    #expect(Player().press("2j  D").shows("Evict 2 entries?"))
  }

  // MARK: Files
  private var withFiles: FakeCache {
    let cache = Samples.cache()
    func item(_ name: RawText, _ kind: EntryFiles.Item.Kind, _ bytes: UInt64) -> EntryFiles.Item {
      EntryFiles.Item(name: name, kind: kind, bytes: bytes, files: kind == .folder ? 7 : 1)
    }
    cache.change { state in
      state.files[[]] = EntryFiles(
        items: [
          item("lib", .folder, 3 << 20), item("bin", .folder, 1 << 20),
          item("evil\u{1b}[31m", .file, 4096), item("latest", .link, 0),
        ], bytes: 4 << 20 + 4096)
      state.files[["bin"]] = EntryFiles(items: [item("xtensa-gcc", .file, 1 << 20)], bytes: 1 << 20)
    }
    return cache
  }

  @Test("f shows the files of an entry by size, Enter opens a folder, Backspace goes back to it")
  func files() {
    let player = Player(withFiles).press("2f")
    #expect(player.shows("installed/toolchains/xtensa-gcc"))
    #expect(player.shows("▸ 3.0M  ██████████       7 lib/") && player.shows("latest → link"))
    #expect(player.shows(#"evil\x1b[31m"#))
    player.press("j<Enter>")
    #expect(player.shows("xtensa-gcc/bin") && player.shows("1.0 MiB on the disk, 1 name"))
    player.press("<Enter>")
    #expect(player.shows("xtensa-gcc/bin"))
    player.press("<Backspace>")
    #expect(player.shows("▸ 1.0M  ███▍"))
    player.press("<Tab>")
    #expect(player.shows("archives/toolchains/xtensa-gcc"))
    player.press("<Esc>")
    #expect(player.shows("NAME@VERSION") && player.cache.changes.isEmpty)
  }

  @Test("files that are gone say so")
  func noFiles() {
    #expect(Player().press("2f").shows("✗ nothing is there: its files are gone"))
  }
}
