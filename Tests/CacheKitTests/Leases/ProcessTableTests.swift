import CacheKit
import Foundation
import SystemPackage
import Testing

@Suite("Process table on fixture trees")
struct ProcessTableTests {
  @Test("A process is read with its times, arguments, user and parents")
  func facts() throws {
    let proc = try ProcFixture()
    try proc.folder.write("passwd", "root:x:0:0::/:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n")
    try proc.add(61500, command: Array("/usr/bin/fbuild\0build\0-e\0esp32s3\0".utf8))
    var table = proc.table()
    let facts = try #require(table.probe(61500).facts)
    #expect(facts.startedAt == noon - 900)
    #expect(facts.command == "/usr/bin/fbuild build -e esp32s3")
    #expect(facts.uid == 1000 && facts.userName == "ada")
    #expect(facts.opensIndex == nil)
    #expect(table.probe(4) == .absent)
    #expect(table.probe(0) == .absent && table.probe(-1) == .absent && table.probe(.max) == .absent)
  }

  @Test("T-D22: a name with brackets and spaces does not move the fields behind it")
  func brackets() throws {
    let proc = try ProcFixture()
    try proc.add(7, ago: 500, name: Array("a) Z 9 (b".utf8))
    var table = proc.table()
    let facts = try #require(table.probe(7).facts)
    #expect(facts.name == "a) Z 9 (b")
    #expect(facts.state == "S" && facts.startedAt == noon - 500)
  }

  @Test("Bytes that are no text stay readable")
  func invalidBytes() throws {
    let proc = try ProcFixture()
    try proc.add(7, name: [0xFF, 0x41, 0x0A], command: [0x1B, 0x5B, 0x41, 0, 0xC3, 0x28, 0])
    let judgement = proc.judge(sampleLease(pid: 7))
    #expect(judgement.holder?.name == "\\xffA\n")
    #expect(judgement.holder?.arguments == ["\u{1B}[A", "\\xc3("])
    #expect(!judgement.evidence.contains("\n"))
  }

  @Test(
    "A stat file of another form makes the process unreadable, not absent",
    arguments: ["", "7", "7 (", "7 () S", ") 7 (", "7 (x) S 1 2 3 4 5 6 7 8", "7 (x)"])
  func brokenStat(text: String) throws {
    let proc = try ProcFixture()
    try proc.folder.write("7/stat", text)
    var table = proc.table()
    #expect(table.probe(7) == .hidden)
    #expect(proc.judge(sampleLease(pid: 7)).verdict == .unknown)
  }

  @Test("No bytes in /proc stop the reader, and evidence stays one plain line")
  func randomBytes() throws {
    var random = SplitMix(state: 7)
    let proc = try ProcFixture()
    try proc.add(7, namespaces: [7, 42])
    try proc.folder.write("7/cgroup", "0::/docker/" + String(repeating: "3f", count: 32) + "\n")
    try proc.cache.write("index.sqlite-shm", "x")
    try proc.folder.write("locks", "1: POSIX  ADVISORY  WRITE 7 fe:00:12 120 EOF\n")
    let names = ["stat", "7/stat", "7/status", "7/cmdline", "7/cgroup", "locks"]
    let originals = try names.map { name in
      Array(try #require(FileManager.default.contents(atPath: proc.folder.sub(name))))
    }
    for _ in 0..<300 {
      for (name, original) in zip(names, originals) {
        var bytes = original
        for _ in 0..<Int.random(in: 0...6, using: &random) where !bytes.isEmpty {
          let place = Int.random(in: 0..<bytes.count, using: &random)
          bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        }
        if Bool.random(using: &random) {
          bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
        }
        try Data(bytes).write(to: URL(fileURLWithPath: proc.folder.sub(name)))
      }
      var table = proc.table()
      for pid: Int64 in [7, 42] {
        let line = table.judge(sampleLease(pid: pid)).evidence
        #expect(line.unicodeScalars.allSatisfy { $0.value >= 32 && !(0x7F...0x9F ~= $0.value) })
      }
      _ = table.holderCard(7)
      _ = table.indexLocks(root: proc.cache.file)
      _ = table.indexOpeners()
    }
  }

  @Test("A process without arguments shows its name in brackets, an exited one as defunct")
  func noArguments() throws {
    let proc = try ProcFixture()
    try proc.add(2, name: Array("kthreadd".utf8), flags: 0x0020_8040, command: [])
    try proc.add(9, state: "Z", command: [])
    var table = proc.table()
    #expect(table.probe(2).facts?.command == "[kthreadd]")
    #expect(table.probe(2).facts?.isKernelThread == true)
    #expect(table.probe(9).facts?.command == "[fbuild] <defunct>")
    #expect(table.judge(sampleLease(pid: 9)).verdict == .zombie)
  }

  @Test("T-D9: a process of a container is found by its inner id, only once and only if needed")
  func namespaces() throws {
    let proc = try ProcFixture()
    try proc.add(42, ago: noon - boot, name: Array("kworker".utf8), flags: 0x0020_0000)
    try proc.add(18234, ago: 800, namespaces: [18234, 42])
    try proc.add(61500)
    var table = proc.table()
    #expect(table.judge(sampleLease(pid: 61500)).verdict == .live)
    #expect(table.probeCount == 1)
    let judgement = table.judge(sampleLease(pid: 42))
    #expect(judgement.verdict == .namespace && judgement.holder?.pid == 18234)
    #expect(table.judge(sampleLease(pid: 43)).verdict == .dead)
    #expect(table.namespaceCandidates(18234).processes.isEmpty)
  }

  @Test("T-D10: an observer in another PID namespace has a limited view")
  func limitedView() throws {
    let proc = try ProcFixture()
    try proc.folder.link("self", to: "5")
    try proc.add(5)
    try proc.folder.link("5/ns/pid", to: "pid:[4026532188]")
    #expect(proc.table().host.isInitialPIDNamespace == false)
    #expect(proc.judge(sampleLease(pid: 4121)).verdict == .unknown)
    #expect(proc.judge(sampleLease(pid: 5)).verdict == .`self`)
  }

  @Test("T-D11: where /proc hides processes nothing is provably gone")
  func hidepid() throws {
    let proc = try ProcFixture()
    try proc.folder.link("self", to: "5")
    try proc.add(5)
    let mount = "22 1 0:21 / /proc rw,nosuid shared:5 - proc proc rw"
    try proc.folder.write("5/mountinfo", "\(mount),hidepid=invisible\n")
    #expect(proc.table().host.procAccess == .limited)
    #expect(proc.judge(sampleLease(pid: 4121)).verdict == .unknown)
    try proc.add(1)
    #expect(proc.table().host.procAccess == .full)
    try proc.folder.write("5/mountinfo", "\(mount)\n")
    try FileManager.default.removeItem(atPath: proc.folder.sub("1"))
    #expect(proc.judge(sampleLease(pid: 4121)).verdict == .dead)
  }

  @Test("Without /proc nothing is provable")
  func noProc() throws {
    let proc = try ProcFixture()
    try FileManager.default.removeItem(atPath: proc.folder.sub("stat"))
    #expect(proc.table().host.procAccess == .none)
    #expect(proc.judge(sampleLease()).verdict == .unknown)
  }

  @Test("A process with a file of the cache open is not called gone after a step of the clock")
  func opensIndex() throws {
    let proc = try ProcFixture()
    for (pid, target) in [
      (10, "\(proc.cache.path)/index.sqlite"), (11, "\(proc.cache.path)/index.sqlite (deleted)"),
      (12, "\(proc.cache.path)/archives/x"), (13, "\(proc.cache.path)2/index.sqlite"), (14, "/"),
    ] {
      try proc.add(Int64(pid), ago: 10, name: Array("python3".utf8))
      try proc.folder.link("\(pid)/fd/0", to: "/dev/null")
      try proc.folder.link("\(pid)/fd/3", to: target)
    }
    let verdicts = (10...14).map { proc.judge(sampleLease(pid: $0)).verdict }
    #expect(verdicts == [.unknown, .unknown, .unknown, .reused, .reused])
    var table = proc.table()
    #expect(table.indexOpeners().processes.map(\.pid) == [10, 11])
    #expect(table.indexOpeners().isComplete)
  }

  @Test("T-D19: 10,000 leases of 5,000 processes look at each process once")
  func once() throws {
    let proc = try ProcFixture()
    for pid in stride(from: Int64(100), to: 5100, by: 50) { try proc.add(pid) }
    var table = proc.table()
    var verdicts: [LeaseVerdict: Int] = [:]
    for number in 0..<10_000 {
      let lease = sampleLease(pid: 100 + Int64(number % 5000))
      verdicts[table.judge(lease).verdict, default: 0] += 1
    }
    #expect(table.probeCount == 5000)
    #expect(verdicts == [.live: 200, .dead: 9800])
  }

  @Test("The holder card shows folder, parents up to the session, container and open files")
  func holderCard() throws {
    let proc = try ProcFixture()
    let id = String(repeating: "3f", count: 32)
    try proc.add(1)
    try proc.add(20, name: Array("bash".utf8), parent: 1, session: 20)
    try proc.add(21, name: Array("make".utf8), parent: 20, session: 20)
    try proc.add(22, parent: 21, session: 20)
    try proc.folder.link("22/cwd", to: "/home/ada/sketch")
    try proc.folder.write("22/cgroup", "1:cpu:/\n0::/system.slice/docker-\(id).scope\n")
    try proc.folder.link("22/fd/4", to: proc.cache.sub("index.sqlite"))
    try proc.folder.link("22/fd/5", to: "/etc/passwd")
    var table = proc.table()
    let read = table.holderCard(22)
    let card = try #require(read)
    #expect(card.workingFolder?.string == "/home/ada/sketch")
    #expect(card.parents.map(\.pid) == [21, 20])
    #expect(card.container == id)
    #expect(card.openFiles.map(\.string) == [proc.cache.sub("index.sqlite")])
    #expect(card.isComplete)
    #expect(table.holderCard(99) == nil)
  }

  @Test("A loop of parents in a hostile tree ends")
  func parentLoop() throws {
    let proc = try ProcFixture()
    try proc.add(20, parent: 21, session: 9)
    try proc.add(21, parent: 20, session: 9)
    var table = proc.table()
    #expect(table.holderCard(20)?.parents.count == 32)
  }

  @Test("A busy index names the process that holds SQLite's lock")
  func locks() throws {
    let proc = try ProcFixture()
    for name in ["index.sqlite", "index.sqlite-shm", "other"] { try proc.cache.write(name, "x") }
    func file(_ name: String) throws -> String {
      var info = stat()
      try #require(fstatat(AT_FDCWD, proc.cache.sub(name), &info, 0) == 0)
      // Enough for the small device numbers of a test machine.
      let (major, minor) = (
        info.st_dev >> 8 & 0xFFF, info.st_dev & 0xFF | info.st_dev >> 12 & 0xF00
      )
      return String(major, radix: 16) + ":" + String(minor, radix: 16) + ":\(info.st_ino)"
    }
    let lines = [
      "1: POSIX  ADVISORY  WRITE 60021 \(try file("index.sqlite-shm")) 120 120",
      "1: -> POSIX  ADVISORY  WRITE 60022 \(try file("index.sqlite-shm")) 120 120",
      "2: POSIX  ADVISORY  READ 60023 \(try file("index.sqlite")) 1073741826 1073742335",
      "3: POSIX  ADVISORY  WRITE 60024 \(try file("index.sqlite")) 1073741824 1073742335",
      "4: OFDLCK ADVISORY  WRITE -1 \(try file("index.sqlite-shm")) 121 121",
      "5: FLOCK  ADVISORY  WRITE 60021 \(try file("other")) 0 EOF",
      "6: POSIX  ADVISORY  WRITE 60025 00:00:1 120 120", "7: nonsense", "",
      "8: POSIX  ADVISORY  WRITE 5 zz:00:1 9 1",
    ]
    try proc.folder.write("locks", lines.joined(separator: "\n"))
    try proc.add(60021, name: Array("fbuild-daemon".utf8))
    var table = proc.table()
    let holders = table.indexLocks(root: proc.cache.file)
    #expect(holders.map(\.lock) == [.write, .exclusive, .checkpoint])
    #expect(
      holders.map(\.phrase) == [
        "fbuild-daemon 60021", "process 60024", "a process that cannot be seen from here",
      ])
    #expect(
      table.fileLocks(FilePath(proc.cache.sub("other"))).map(\.phrase) == ["fbuild-daemon 60021"])
    #expect(table.fileLocks(FilePath(proc.cache.sub("index.sqlite"))).isEmpty)
  }
}

/// The same numbers in each run.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
