import SystemPackage

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import TUI

// Formats that this program writes or asks for, and that others may have touched.
extension FuzzTarget {
  /// A plan that counts says the same once it was written again.
  static func plan(_ bytes: [UInt8]) {
    let here = CacheLocation(root: "/c")
    guard let read = PlanFile.Reader(bytes, here).plan("0123456789ab") else { return }
    guard !read.root.isEmpty, !read.root.contains(0) else { return }
    let location = CacheLocation(root: FilePath(bytes: read.root))
    let text = PlanFile.text(read.plan, location)
    guard let again = PlanFile.Reader(text, location).plan("0123456789ab") else {
      fatalError("cannot read what was written: \(String(decoding: text, as: UTF8.self))")
    }
    precondition(again.plan.steps.count == read.plan.steps.count)
    precondition(again.plan.reaps == read.plan.reaps && again.plan.limits == read.plan.limits)
  }

  /// The event log and the look that it is made from.
  static func event(_ bytes: [UInt8]) {
    for line in bytes.split(separator: 0x0A) { _ = CacheEvent(line, cache: "/c") }
    guard let look = CacheLook(String(decoding: bytes, as: UTF8.self)) else { return }
    guard let again = CacheLook(look.text) else { fatalError("cannot read what was written") }
    precondition(again.rows == look.rows && again.birth == look.birth)
    _ = again.losses(since: look)
  }

  /// In one piece or byte by byte, no more comes out than went in.
  static func terminal(_ bytes: [UInt8]) {
    for isUTF8 in [true, false] {
      var whole = TerminalReader(isUTF8: isUTF8)
      var pieces = TerminalReader(isUTF8: isUTF8)
      var now = Moment(nanoseconds: 0)
      var count = whole.read(bytes, at: now).count
      precondition(count <= bytes.count)
      count += whole.rest(at: now.advanced(milliseconds: 20_000)).count
      precondition(count <= bytes.count)
      var slow = 0
      for byte in bytes {
        slow += pieces.read([byte], at: now).count
        now = now.advanced(milliseconds: 7)
      }
      slow += pieces.rest(at: now.advanced(milliseconds: 20_000)).count
      precondition(slow <= bytes.count)
    }
  }

  /// What a server on the daemon's port may say.
  static func daemon(_ bytes: [UInt8]) {
    for isAtEnd in [true, false] {
      guard let body = LoopbackGet.body(of: bytes, isAtEnd: isAtEnd, accepting: ["200"]) else {
        continue
      }
      precondition(body.count <= bytes.count)
    }
    _ = DaemonWords(health: bytes)
    _ = DaemonWords(info: bytes, locks: bytes)
    _ = DaemonLimits(pid: 7, answer: bytes)
    _ = AskDaemonToCollect.Answer(bytes)
  }
}
