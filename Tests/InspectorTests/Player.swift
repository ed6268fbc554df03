import Foundation
import Inspector
import TUI
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// Plays keys on the inspector over a fake cache.
final class Player {
  let cache: FakeCache
  let headless: Headless<Inspector>

  init(
    _ cache: FakeCache = Samples.cache(), size: String = "80x24",
    _ change: (inout Settings) -> Void = { _ in }
  ) {
    // A theme that asks the terminal nothing.
    var settings = Settings(theme: .dark, usesUTC: true)
    change(&settings)
    self.cache = cache
    let worker = CacheWorker(
      cache, clipboard: { _ in ["/run/clip"] }, json: { "{\"row\":\"\($0)\"}" })
    headless = Headless(
      Inspector(settings: settings), size: Size(size) ?? Size(columns: 80, rows: 24),
      perform: worker.perform)
  }

  /// Presses keys written as a script; an unknown name is an issue.
  @discardableResult
  func press(_ script: String) -> Player {
    guard let keys = Key.script(script) else {
      Issue.record("no such key in \(script)")
      return self
    }
    headless.press(keys)
    #expect(headless.lateTicks == 0, "\(script): a tick leaves its deadline where it was")
    return self
  }

  var screen: String { headless.frame.text }

  func shows(_ text: String) -> Bool { screen.contains(text) }
}

/// Screens kept as text files beside the tests; `GOLDEN=record` writes them anew.
enum Golden {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Golden")

  static func check(_ screen: String, _ name: String) throws {
    let file = folder.appending(path: "\(name).txt")
    if ProcessInfo.processInfo.environment["GOLDEN"] == "record" {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try screen.write(to: file, atomically: true, encoding: .utf8)
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    #expect(screen == expected, "the screen differs from Golden/\(name).txt")
  }
}
