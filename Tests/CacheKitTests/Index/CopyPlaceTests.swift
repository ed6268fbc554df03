import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Where an index is copied to")
struct CopyPlaceTests {
  @Test(
    "b12: the places are TMPDIR, the runtime folder, shared memory and the state folder, each once")
  func places() throws {
    let state = try Scratch()
    let variables = [
      "TMPDIR": "/gone", "XDG_RUNTIME_DIR": "/run/user/1", "XDG_STATE_HOME": state.path,
    ]
    let places = CacheIndex.TemporaryFolder.places { variables[$0].map { FilePath($0) } }
    #expect(
      places == ["/gone", "/run/user/1", "/dev/shm", "/tmp", state.file.appending("cachescope")])
    let none = CacheIndex.TemporaryFolder.places { ["TMPDIR": "", "XDG_RUNTIME_DIR": "x"][$0] }
    #expect(none == ["/tmp", "/dev/shm"])
  }

  @Test("b12: an index that no folder takes is read from memory, its WAL and all")
  func memory() throws {
    let cache = try Fixture.hotWAL.copied()
    let room = CacheError(.diskFull, "no room")
    let image = try MemoryImage.take(of: cache.location, otherwise: room)
    #expect(image.ignoredFrames == 0)
    let now = try #require(try IndexFingerprint.take(cache.location))
    let session = try IndexSession.memory(cache.location, now, nil, because: room)
    let whole = try IndexSession.copy(cache.location, now)
    func rows(_ session: IndexSession) throws -> [Int64] {
      try session.connection.read { db throws -> [Int64] in
        var ids: [Int64] = []
        let sql = "SELECT entry_id FROM leases UNION ALL SELECT id FROM entries"
        let rows = try LenientRow.fetchCursor(db, sql: sql)
        while let row = try rows.next() { ids.append(row.count(0)) }
        return ids
      }
    }
    let found = try rows(session)
    #expect(try found == rows(whole))
    #expect(!found.isEmpty)
  }

  @Test(
    "b12: a place that is gone or full leads to the next one; where none is left, all are named")
  func nextPlace() throws {
    let cache = try Fixture.hotWAL.copied()
    let place = try Scratch()
    let copy = try PrivateCopy.take(of: cache.location, places: ["/nonexistent/x", place.file])
    #expect(copy.index.starts(with: place.file))
    copy.remove()
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path).isEmpty)
    do {
      _ = try PrivateCopy.take(of: cache.location, places: ["/nonexistent/x", "/proc"])
      Issue.record("copied")
    } catch let error as PrivateCopy.NoRoom {
      #expect(error.reason.code == .diskFull)
      #expect(error.reason.message.contains("/nonexistent/x"))
      #expect(error.reason.message.contains("/proc"))
    }
  }
}
