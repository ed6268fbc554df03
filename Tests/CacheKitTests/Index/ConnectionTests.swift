import CSQLite
import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("A connection to SQLite")
struct ConnectionTests {
  private let scratch: Scratch
  private let path: FilePath

  init() throws {
    scratch = try Scratch()
    path = FilePath(scratch.sub("a b%?#ü.sqlite"))
  }

  private func filled(_ sql: String) throws -> CacheIndex.Connection {
    let connection = try CacheIndex.Connection(path, .create)
    try connection.use { try $0.execute(sql: sql) }
    return connection
  }

  private func code(_ body: () throws -> Void) -> CInt? {
    do {
      try body()
      return nil
    } catch {
      return (error as? DatabaseError)?.code
    }
  }

  @Test("opens any path by its bytes, and the values of statements come back as they went in")
  func values() throws {
    let connection = try filled("CREATE TABLE t (a)")
    let text = "a\0b\u{301}"
    let values: [SQLValue] = [
      .null, .integer(.min), .real(0.5), .text(text), .text(""), .blob([]), .blob([0, 0xFF]),
    ]
    for value in values {
      try connection.write {
        try $0.executeCached(sql: "INSERT INTO t VALUES (?)", arguments: [value])
      }
    }
    let found = try connection.read { db in
      let rows = try LenientRow.fetchCursor(db, sql: "SELECT typeof(a), length(a), a FROM t")
      var found: [String] = []
      while let row = try rows.next() {
        guard case .value(let type) = row.text(0, limit: 10) else { continue }
        found.append(type.readable)
      }
      return found
    }
    #expect(found == ["null", "integer", "real", "text", "text", "blob", "blob"])
    let stored = try connection.read { try $0.text("SELECT a FROM t WHERE a = ?", [text]) }
    #expect(stored.map { Array($0.utf8) } == Array(text.utf8))
    #expect(FileManager.default.fileExists(atPath: path.string))
  }

  @Test("A kept statement whose rows are being read is not disturbed by a second use")
  func nested() throws {
    let connection = try filled("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)")
    let pairs = try connection.read { db in
      var pairs: [Int64] = []
      let sql = "SELECT a FROM t ORDER BY a"
      let outer = try LenientRow.fetchCursor(try db.cachedStatement(sql: sql))
      while let row = try outer.next() {
        let a = row.count(0)
        let inner = try LenientRow.fetchCursor(try db.cachedStatement(sql: sql))
        while let row = try inner.next() { pairs.append(a * 10 + row.count(0)) }
      }
      return pairs
    }
    #expect(pairs == [11, 12, 13, 21, 22, 23, 31, 32, 33])
  }

  @Test("A transaction whose body throws leaves nothing, and the next one works")
  func rollback() throws {
    struct Stop: Error {}
    let connection = try filled("CREATE TABLE t (a)")
    #expect(throws: Stop.self) {
      try connection.write { db in
        try db.execute(sql: "INSERT INTO t VALUES (1)")
        throw Stop()
      }
    }
    try connection.write { try $0.execute(sql: "INSERT INTO t VALUES (2)") }
    #expect(try connection.read { try $0.integer("SELECT sum(a) FROM t") } == 2)
  }

  @Test("A wrong number of values, bad SQL, and a closed connection are errors")
  func misuse() throws {
    let connection = try filled("CREATE TABLE t (a)")
    try connection.use { db in
      #expect(code { try db.execute(sql: "INSERT INTO t VALUES (?)") } == SQLITE_RANGE)
      #expect(code { try db.execute(sql: "SELECT 1", arguments: [1]) } == SQLITE_RANGE)
      #expect(code { try db.execute(sql: "SELEKT") } == SQLITE_ERROR)
      #expect(code { _ = try db.makeStatement(sql: " -- nothing") } == SQLITE_MISUSE)
      #expect(code { try db.execute(sql: "SELECT \"no column\" FROM t") } == SQLITE_ERROR)
      try db.execute(sql: " ; -- nothing\n; ")
    }
    connection.close()
    connection.close()
    connection.interrupt()
    #expect(code { try connection.use { try $0.execute(sql: "SELECT 1") } } == SQLITE_MISUSE)
    #expect(code { _ = try connection.read { try $0.integer("SELECT 1") } } == SQLITE_MISUSE)
  }

  @Test("What is no database is refused when it is opened; nothing is made where nothing may be")
  func refused() throws {
    try Data("no database at all, but long enough to be read as one".utf8)
      .write(to: URL(filePath: path.string))
    #expect(code { _ = try CacheIndex.Connection(path, .readOnly) } == SQLITE_NOTADB)
    let missing = FilePath(scratch.sub("missing"))
    #expect(code { _ = try CacheIndex.Connection(missing, .readWrite) } == SQLITE_CANTOPEN)
    #expect(!FileManager.default.fileExists(atPath: missing.string))
  }

  @Test("A path with a symbolic link on it is refused where links are not followed")
  func links() throws {
    try filled("CREATE TABLE t (a)").close()
    let link = FilePath(scratch.sub("link"))
    try FileManager.default.createSymbolicLink(
      atPath: link.string, withDestinationPath: path.string)
    var setup = CacheIndex.Connection.Setup()
    _ = try CacheIndex.Connection(link, .readOnly, setup)
    setup.followsLinks = false
    #expect(code { _ = try CacheIndex.Connection(link, .readOnly, setup) } == SQLITE_CANTOPEN)
    let real = try #require(path.removingLastComponent().real)
    _ = try CacheIndex.Connection(real.appending(path.components.suffix(1)), .readOnly, setup)
  }

  @Test("A long statement can be stopped from another thread")
  func interrupt() throws {
    let connection = try filled("CREATE TABLE t (a)")
    let isDone = Mutex(false)
    Thread.detachNewThread {
      while !isDone.withLock({ $0 }) {
        connection.interrupt()
        usleep(1000)
      }
    }
    let endless =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    #expect(code { _ = try connection.read { try $0.integer(endless) } } == SQLITE_INTERRUPT)
    isDone.withLock { $0 = true }
  }

  @Test("The schema of a file cannot call our functions, and our own SQL can")
  func predicate() throws {
    let connection = try filled("CREATE TABLE t (a); INSERT INTO t VALUES ('x')")
    try connection.use { db in
      try db.add(predicate: "is_same") { $0 == $1 }
      #expect(try db.integer("SELECT is_same(a, 'x') FROM t") == 1)
      #expect(try db.integer("SELECT is_same(a, x'78') FROM t") == 0)
      #expect(try db.integer("SELECT is_same(NULL, NULL)") == 1)
      try db.execute(sql: "CREATE VIEW v AS SELECT is_same(a, 'x') FROM t")
      #expect(code { _ = try db.integer("SELECT * FROM v") } == SQLITE_ERROR)
    }
  }

  @Test("A backup holds what is committed, and one into a locked file says that it is busy")
  func backup() throws {
    let source = try filled("CREATE TABLE t (a); INSERT INTO t VALUES (7)")
    let copy = FilePath(scratch.sub("copy"))
    let target = try CacheIndex.Connection(copy, .create)
    let other = try CacheIndex.Connection(copy, .create)
    try other.use { try $0.execute(sql: "BEGIN EXCLUSIVE") }
    #expect(code { try source.backup(to: target) } == SQLITE_BUSY)
    try other.use { try $0.execute(sql: "COMMIT") }
    try source.backup(to: target)
    #expect(try target.read { try $0.integer("SELECT a FROM t") } == 7)
  }

  @Test(
    "an index that SQLite opened for reading alone, and whose rights allow more, is no question of rights"
  )
  func readOnly() throws {
    _ = try filled("CREATE TABLE t (a)")
    let error = DatabaseError(SQLITE_READONLY)
    #expect(CacheError.wrapping(error, at: path).code == .inputOutput)
    let missing = FilePath(scratch.sub("nowhere/index.sqlite"))
    #expect(CacheError.wrapping(error, at: missing).code == .readOnly)
  }
}
