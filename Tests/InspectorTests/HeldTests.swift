import TUI
import Testing

@testable import CacheIndex
@testable import CacheKit
@testable import Inspector

@Suite("How long leases were held")
struct HeldTests {
  private let now: Int64 = 1_795_000_000
  private let day: Int64 = 86_400

  @Test("the scale runs from long ago to now, and recent times have the more room")
  func scale() {
    let scale = TimeScale(cells: 60)
    #expect(scale.cell(ofAge: 0) == 59 && scale.cell(ofAge: -5) == 59)
    #expect(scale.cell(ofAge: 30 * day) == 0 && scale.cell(ofAge: .max) == 0)
    #expect(scale.cell(ofAge: 10 * 365 * day) == 0)
    let ages: [Int64] = [0, 60, 600, 3600, 6 * 3600, day, 7 * day, 30 * day]
    let cells = ages.map { scale.cell(ofAge: $0) }
    #expect(cells == cells.sorted(by: >) && Set(cells).count == cells.count)
    #expect(cells[3] - cells[5] > cells[6] - cells[7])
    for age in stride(from: Int64(0), through: 40 * day, by: 7919) {
      #expect((0..<60).contains(scale.cell(ofAge: age)))
    }
  }

  @Test("a lease that is older makes the scale longer")
  func longScale() {
    let scale = TimeScale(cells: 60, longest: 400 * day)
    #expect(scale.cell(ofAge: 400 * day) == 0 && scale.cell(ofAge: 30 * day) > 0)
    #expect(scale.labels.contains { $0.words == "1 y" })
  }

  @Test(
    "labels stand in order, inside, and never in each other", arguments: [1, 5, 12, 20, 60, 200])
  func labels(cells: Int) {
    let labels = TimeScale(cells: cells).labels
    var end = 0
    for label in labels {
      #expect(label.cell >= end && label.cell + label.words.count <= max(cells, 3))
      end = label.cell + label.words.count + 1
    }
  }

  private func line(_ row: LeaseRow, boot: Int64? = nil, _ glyphs: Glyphs = .utf8) -> String {
    HeldSpan(row, bootedAt: boot).line(TimeScale(cells: 12), now: now, glyphs: glyphs)
  }

  private func row(_ verdict: LeaseVerdict, age: Int64, startedAgo: Int64? = nil) -> LeaseRow {
    var row = Samples.lease(
      1, 1, pid: 5, verdict, "why", age: age, command: startedAgo.map { _ in "sh" })
    row.judgement.holder?.startedAt = startedAgo.map { Double(now - $0) }
    return row
  }

  @Test("a line ends at now, at the boot, or where somebody else took the PID")
  func lines() {
    #expect(line(row(.live, age: 60, startedAgo: 90)) == "          ━▸")
    #expect(line(row(.pin, age: 40 * day)) == "━━━━━━━━━━━▸")
    let dead = row(.dead, age: 3 * day)
    #expect(line(dead) == "  ✗╌╌╌╌╌╌╌╌╌")
    #expect(line(dead, boot: now - 3600) == "  ✗━━━━┆")
    #expect(line(row(.reused, age: day, startedAgo: 600), boot: now - 9 * day) == "    ✗━━━━┊")
    #expect(line(dead, boot: now - 3600, .ascii) == "  x====|")
    #expect(line(row(.live, age: 60), .ascii) == "          =>")
    #expect(line(row(.live, age: 0)).count == 12)
    var none = dead
    none.lease.acquiredAt = nil
    #expect(line(none).isEmpty)
    for age in [Int64.min, -5, 0, .max] {
      var odd = dead
      odd.lease.acquiredAt = age
      #expect(line(odd, boot: now).count <= 12)
    }
  }

  @Test("below the list stands a line a lease, in the same order, and the cursor goes along")
  func timeline() throws {
    let player = Player(size: "160x50").press("3jj")
    let lines = player.screen.split(separator: "\n").map(String.init)
    let head = try #require(lines.firstIndex { $0.contains("HELD SINCE") })
    let words = ["DEAD", "REUSED", "LIVE", "PIN"]
    for (line, word) in zip(lines[(head + 1)...], words) {
      #expect(line.dropFirst().hasPrefix(word), "\(line)")
      #expect(line.hasPrefix("▸") == (word == "LIVE"))
    }
    #expect(player.shows("nobody came or went"))
    #expect(!Player(size: "160x12").press("3").shows("HELD SINCE"))
  }

  @Test("with little room one column stands for the times, and the host for the order")
  func held() {
    let player = Player().press("3")
    #expect(player.shows("HELD") && !player.shows(" AGE ") && player.shows("build7, up 4d15h"))
    #expect(player.shows("3d4h ago"))
    #expect(Player(size: "160x50").press("3").shows("on build7, booted 11-13 20:00"))
  }

  @Test("the log says who came, who went, and for how long a lease was held")
  func log() {
    let player = Player(size: "160x50").press("3")
    player.cache.change { state in
      state.leases.removeFirst()
      state.leases.append(
        Samples.lease(9, 2, pid: 70_000, .live, "runs", age: 5, command: "fbuild build"))
    }
    player.headless.send(.message(.indexChanged))
    #expect(
      player.shows(
        "went  pid 61500"))
    #expect(player.shows("toolchains/xtensa-gcc@14.2") && player.shows("held for 2m14s, released"))
    #expect(player.shows("came  pid 70000") && player.shows("platforms/espressif32@6.9.0"))
    #expect(player.press("L").shows("Leases that came and went"))
  }

  @Test("the report of a lease has its row, its proof, the host and the command")
  func report() {
    let player = Player().press("3yr")
    let text =
      player.headless.effects.compactMap { effect -> String? in
        if case .clipboard(let text) = effect { text } else { nil }
      }.last ?? ""
    for part in [
      "Lease 3:41207:", "verdict   dead", "no process 41207", "booted 11-13",
      "cachescope release 3:41207:",
    ] { #expect(text.contains(part), "\(part)") }
    #expect(!text.contains("build7"))
  }
}
