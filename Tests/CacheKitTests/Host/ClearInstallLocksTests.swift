import Foundation
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("Removing install locks")
struct ClearInstallLocksTests {
  @Test("locks whose owners are gone go, all others stay as they are")
  func removal() throws {
    let shelf = try HostShelf()
    let dead = try shelf.lock("1.0", pid: 4121)
    let alive = try shelf.lock("2.0", pid: 4122)
    try shelf.add(4122, ago: 900)
    let nameless = try shelf.lock("3.0", pid: nil)
    let report = try ClearInstallLocks().perform(in: shelf.context)
    #expect(report.removed.map(\.packageFolder) == ["1.0"] && report.kept.isEmpty)
    #expect(!shelf.exists(dead) && shelf.exists(alive) && shelf.exists(nameless))
  }

  @Test("a lock that another process took since it was judged stays")
  func swapped() throws {
    let shelf = try HostShelf()
    let folder = try shelf.lock("1.0", pid: 4121)
    let judged = try #require(PackageShelves.read(shelf.context.location).locks.first)
    let remover = LockRemover(shelf.context.location)
    func isChanged() -> Bool {
      var processes = shelf.context.processTable()
      if case .changed = remover.remove(judged, &processes) { return true }
      return false
    }
    // The same folder with another owner.
    try shelf.lock("1.0", pid: 4122)
    #expect(isChanged())
    #expect(shelf.exists(folder + "/owner.txt"))
    // Another folder of that name; the first one still stands elsewhere, so that its number is not free.
    try FileManager.default.moveItem(
      atPath: shelf.proc.cache.sub(folder), toPath: shelf.proc.cache.sub("aside"))
    try shelf.lock("1.0", pid: 4121)
    #expect(isChanged())
    #expect(shelf.exists(folder + "/owner.txt"))
  }

  @Test("the owner that came to life since is found out, and its lock stays")
  func revived() throws {
    let shelf = try HostShelf()
    let folder = try shelf.lock("1.0", pid: 4121)
    let judged = try #require(PackageShelves.read(shelf.context.location).locks.first)
    try shelf.add(4121, ago: 900)
    var processes = shelf.context.processTable()
    let result = LockRemover(shelf.context.location).remove(judged, &processes)
    #expect(result.isChanged(by: "alive") && shelf.exists(folder + "/owner.txt"))
  }

  @Test("nothing goes through a link, and nothing that lies beside owner.txt is touched")
  func links() throws {
    let shelf = try HostShelf()
    let folder = try shelf.lock("1.0", pid: 4121)
    try shelf.proc.cache.write("\(folder)/notes", "mine")
    try shelf.age(folder, 600)
    let outside = try Scratch()
    try outside.write("owner.txt", "pid=4121\nexe_stem=fbuild\n")
    try shelf.proc.cache.link("\(HostShelf.shelf)/.2.0.install.lock", to: outside.path)
    try shelf.proc.cache.link(
      "\(HostShelf.shelf)/.3.0.install.lock/owner.txt", to: outside.sub("owner.txt"))
    let report = try ClearInstallLocks().perform(in: shelf.context)
    #expect(report.removed.isEmpty && report.kept.map(\.lock.packageFolder) == ["1.0"])
    #expect(shelf.exists(folder + "/notes") && shelf.exists(folder + "/owner.txt"))
    #expect(FileManager.default.fileExists(atPath: outside.sub("owner.txt")))
  }

  @Test("read-only removes nothing")
  func readOnly() throws {
    let shelf = try HostShelf()
    let folder = try shelf.lock("1.0", pid: 4121)
    var context = shelf.context
    context.isReadOnly = true
    #expect(throws: CacheError.self) { try ClearInstallLocks().perform(in: context) }
    #expect(shelf.exists(folder + "/owner.txt"))
  }
}

extension LockRemover.Result {
  fileprivate func isChanged(by word: String) -> Bool {
    if case .changed(let reason) = self { return reason.contains(word) }
    return false
  }
}
