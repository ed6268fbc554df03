import Foundation
import Inspector
import TUI
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Watching a lease")
struct WatchTests {
  private func event(_ kind: WatchEvent.Kind, _ row: LeaseRow, _ name: String) -> WatchEvent {
    WatchEvent(
      kind: kind, lease: row.lease.id.description, entryID: row.lease.id.entryID,
      pid: row.lease.id.holderPID, name: name)
  }

  /// A player that watches the live lease, and the work that its end starts.
  private func workAfterEnd(
    _ change: (inout Settings) -> Void, _ end: (inout [LeaseRow]) -> Void
  ) -> (effect: [Effect<Work>], screen: String) {
    let player = Player(Samples.cache(), change).press("3/live<Enter>w<Esc>")
    var inspector = player.headless.program
    var rows = Samples.leases
    end(&rows)
    let effect = inspector.update(
      .message(.leaseSnapshot(LeaseSnapshot(rows: rows, takenAt: Samples.now))),
      at: player.headless.now)
    return (effect.flattened, player.screen)
  }

  @Test("the command runs once when the lease is released, and when its holder ends")
  func command() {
    let row = Samples.leases[0]
    let named: (inout Settings) -> Void = { $0.watchCommand = "notify" }
    let released = workAfterEnd(named) { $0.removeFirst() }
    let work = Work.leases(
      .watchCommand("notify", event(.released, row, "toolchains/xtensa-gcc@14.2")))
    #expect(released.effect.filter { $0 == .start(work, as: work.job) }.count == 1)
    #expect(released.effect.contains(.bell))
    let gone = workAfterEnd(named) {
      $0[0].judgement = Judgement(.dead, "no process 61500")
    }
    let other = Work.leases(
      .watchCommand("notify", event(.holderGone, row, "toolchains/xtensa-gcc@14.2")))
    #expect(gone.effect.contains(.start(other, as: other.job)))
  }

  @Test("no command runs with -rr, nor where none was named; the bell rings all the same")
  func noCommand() {
    for change: (inout Settings) -> Void in [
      {
        $0.watchCommand = "notify"
        $0.startsPrograms = false
      }, { $0.watchCommand = nil },
    ] {
      let (effect, _) = workAfterEnd(change) { $0.removeFirst() }
      #expect(effect.contains(.bell))
      let starts = effect.contains {
        if case .start(_, let job) = $0 { job.name.hasPrefix("command for lease") } else { false }
      }
      #expect(!starts)
    }
  }

  @Test("w says what will happen")
  func words() {
    let keys = "3/live<Enter>w"
    #expect(Player().press(keys).shows("the bell rings when it ends"))
    #expect(
      Player { $0.watchCommand = "x" }.press(keys).shows("bell and your command when it ends"))
    let off = Player {
      $0.watchCommand = "x"
      $0.startsPrograms = false
    }
    #expect(off.press(keys).shows("only the bell (-rr) when it ends"))
  }

  @Test("the command finds the facts in its environment, as values and not as words of a shell")
  func environment() throws {
    let folder = URL(filePath: NSTemporaryDirectory()).appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "out").path(percentEncoded: false)
    let event = WatchEvent(
      kind: .holderGone, lease: "3:41207:7", entryID: 3, pid: 41_207, name: "a/$(touch x)@'1'")
    let line =
      "printf '%s|' \"$CACHESCOPE_EVENT\" \"$CACHESCOPE_LEASE\" \"$CACHESCOPE_ENTRY_ID\""
      + " \"$CACHESCOPE_PID\" \"$CACHESCOPE_ENTRY\" > '\(file)'; exit 3"
    var messages: [Message] = []
    let token = CancelToken()
    let worker = CacheWorker(Samples.cache(), clipboard: { _ in [] }, json: { _ in "" })
    let box = MessageBox()
    worker.perform(.leases(.watchCommand(line, event)), Reporter(token: token) { box.add($0) })
    messages = box.all
    #expect(
      try String(contentsOfFile: file, encoding: .utf8)
        == "holder-gone|3:41207:7|3|41207|a/$(touch x)@'1'|")
    guard case .room(let news)? = messages.first,
      case .watchCommandEnded(event, 3)? = news as? LeaseNews
    else {
      Issue.record("not the exit code: \(messages)")
      return
    }
  }

  @Test("a command that fails says so, one that succeeds is silent; cancelling ends it at once")
  func ends() {
    let player = Player { $0.watchCommand = "exit 3" }.press("3/live<Enter>w<Esc>")
    player.cache.change { $0.leases.removeFirst() }
    player.headless.send(.message(.indexChanged))
    #expect(player.shows("ended with code 3"))
    let box = MessageBox()
    let token = CancelToken()
    token.cancel()
    let worker = CacheWorker(Samples.cache(), clipboard: { _ in [] }, json: { _ in "" })
    let event = WatchEvent(kind: .released, lease: "1:2:3", entryID: 1, pid: 2, name: "a")
    worker.perform(
      .leases(.watchCommand("sleep 600", event)), Reporter(token: token) { box.add($0) })
    guard case .room(let news)? = box.all.first,
      case .watchCommandEnded(_, 143)? = news as? LeaseNews
    else {
      Issue.record("not ended by TERM: \(box.all)")
      return
    }
  }
}

/// What a worker reported, from any thread.
private final class MessageBox: @unchecked Sendable {
  private let lock = NSLock()
  private var messages: [Message] = []
  func add(_ message: Message) { lock.withLock { messages.append(message) } }
  var all: [Message] { lock.withLock { messages } }
}
