import Foundation
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// Names, modes, times and forms that real archives have.
@Suite("Unpacking: what archives say is what arrives")
struct ArchiveFormTests {
  private func put(
    _ bytes: [UInt8], _ folder: TemporaryFolder, _ extract: LinkFile.Extract = .tarGz
  ) throws -> String? {
    try folder.write("a", bytes)
    let link = LinkFile(url: "http://h/a", sha256: LinkFile.emptyBlob, extract: extract)
    let before = folder.listing("into")
    do throws(CacheError) {
      _ = try Materializer(folder: folder.path("into")).put(
        folder.path("a"), for: "out.fetch", link)
      return nil
    } catch {
      #expect(folder.listing("into") == before)
      return error.message
    }
  }

  private func status(_ name: String, _ folder: TemporaryFolder) throws -> stat {
    var info = stat()
    try #require(lstat(folder.path("into/out/\(name)").string, &info) == 0, "\(name)")
    return info
  }

  /// Runs a few lines of Python with the folder as its working folder.
  private func python(_ script: String, _ folder: TemporaryFolder) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script]
    process.currentDirectoryURL = URL(filePath: folder.root.string)
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  @Test("T-H5: modes are narrowed and never widened, and a folder that forbids writing is filled")
  func modes() throws {
    let folder = try TemporaryFolder()
    let bytes = tar {
      $0.add("closed/", type: "5", mode: 0o555)
      $0.add("closed/in", type: "5", mode: 0o700)
      for mode in [0o600, 0o444, 0o640, 0o777, 0o6755, 0o711] {
        $0.add("closed/in/\(String(mode, radix: 8))", mode: mode, content: [1])
      }
      $0.add("closed/late", content: [1])
    }
    #expect(try put(bytes, folder) == nil)
    let wanted: [(String, mode_t)] = [
      ("closed", 0o555), ("closed/in", 0o700), ("closed/in/600", 0o600),
      ("closed/in/444", 0o444), ("closed/in/640", 0o640), ("closed/in/777", 0o755),
      ("closed/in/6755", 0o755), ("closed/in/711", 0o711), ("closed/late", 0o644),
    ]
    for (name, mode) in wanted {
      #expect(try status(name, folder).st_mode & 0o7777 == mode, "\(name)")
    }
    let made = zip {
      $0.add("secret", content: [1], mode: 0o600)
      $0.add("dos", content: [1], mode: 0, system: 0)
      $0.add("d/", mode: 0o040555)
      $0.add("d/x", content: [1], mode: 0o100444)
    }
    #expect(try put(made, folder, .zip) == nil)
    for (name, mode) in [("secret", 0o600), ("dos", 0o644), ("d", 0o555), ("d/x", 0o444)] {
      #expect(try status(name, folder).st_mode & 0o7777 == mode_t(mode), "zip \(name)")
    }
  }

  @Test("T-H5: times of files, links and folders are those of a tar")
  func tarTimes() throws {
    let folder = try TemporaryFolder()
    let past: [UInt8] = [0xFF] + [UInt8](repeating: 0xFF, count: 10) + [0xF6]
    let bytes = tar {
      $0.add("d/", type: "5", time: 1_600_000_000)
      $0.add("d/x", content: [1], time: 1_700_000_000)
      $0.pax([("mtime", "1500000000.25")])
      $0.add("d/pax", content: [1], time: 1)
      $0.pax([("mtime", "-1.5")])
      $0.add("d/before", content: [1])
      $0.add("d/negative", content: [1], timeField: past)
      $0.add("l", type: "2", link: "d/x", time: 1_650_000_000)
    }
    #expect(try put(bytes, folder) == nil)
    let wanted: [(String, Int, Int)] = [
      ("d", 1_600_000_000, 0), ("d/x", 1_700_000_000, 0), ("d/pax", 1_500_000_000, 250_000_000),
      ("d/before", -2, 500_000_000), ("d/negative", -10, 0), ("l", 1_650_000_000, 0),
    ]
    for (name, seconds, nanoseconds) in wanted {
      let time = try status(name, folder).st_mtim
      #expect(time.tv_sec == seconds && time.tv_nsec == nanoseconds, "\(name): \(time)")
    }
  }

  @Test("T-H5: a zip's times come from its extra fields, else from the clock on the wall")
  func zipTimes() throws {
    let folder = try TemporaryFolder()
    let extended = [0x55, 0x54, 5, 0, 1] + Gzip.number(1_700_000_001, 4)
    let ticks = (1_700_000_002 + 11_644_473_600) * 10_000_000 + 5
    let windows =
      Gzip.number(0x000A, 2) + Gzip.number(32, 2) + Gzip.number(0, 4) + Gzip.number(1, 2)
      + Gzip.number(24, 2) + Gzip.number(ticks, 8) + Gzip.number(0, 16)
    let made = zip {
      $0.add("extended", content: [1], extra: extended)
      $0.add("windows", content: [1], extra: windows)
      // 2025-01-01 12:00:00
      $0.add("dos", content: [1], clock: 0x5A21_6000)
    }
    #expect(try put(made, folder, .zip) == nil)
    #expect(try status("extended", folder).st_mtim.tv_sec == 1_700_000_001)
    #expect(try status("windows", folder).st_mtim.tv_sec == 1_700_000_002)
    #expect(try status("windows", folder).st_mtim.tv_nsec == 500)
    var clock = tm()
    (clock.tm_year, clock.tm_mday, clock.tm_hour, clock.tm_isdst) = (125, 1, 12, -1)
    #expect(try status("dos", folder).st_mtim.tv_sec == mktime(&clock))
  }

  @Test("T-H6b: names that differ in case or composition only stand side by side")
  func twins() throws {
    let folder = try TemporaryFolder()
    let names = [
      "xt_MARK.h", "xt_mark.h", "Dir/x", "dir/x", "\u{E9}", "e\u{301}", "straße", "STRASSE",
    ]
    let bytes = tar {
      for name in names { $0.add(name, content: Array(name.utf8)) }
      $0.pax([("path", "link"), ("linkpath", "e\u{301}")])
      $0.add("l", type: "2", link: "x")
    }
    #expect(try put(bytes, folder) == nil)
    for name in names { #expect(folder.read("into/out/\(name)") == Array(name.utf8), "\(name)") }
    #expect(folder.read("into/out/link") == Array("e\u{301}".utf8))
    let made = zip {
      for name in names { $0.add(name, content: Array(name.utf8), flags: 0x800) }
    }
    #expect(try put(made, folder, .zip) == nil)
    for name in names { #expect(folder.read("into/out/\(name)") == Array(name.utf8), "\(name)") }
  }

  @Test("Names are bytes: Shift_JIS, Latin 1 and a backslash arrive as they are stored")
  func bytesAsNames() throws {
    let folder = try TemporaryFolder()
    let japanese: [UInt8] = Array("font/".utf8) + [0x95, 0x5C] + Array(".txt".utf8)
    let latin: [UInt8] = [0x6E, 0x61, 0xEF, 0x76, 0x65]
    let made = zip {
      $0.add("", content: [1], system: 0, rawName: japanese)
      $0.add("", content: [2], system: 0, rawName: latin)
      $0.add("system-x\\x2dy.slice", content: [3], system: 0)
    }
    #expect(try put(made, folder, .zip) == nil)
    var found: [[UInt8]] = []
    for place in ["into/out", "into/out/font"] {
      let stream = try #require(opendir(folder.path(place).string))
      defer { closedir(stream) }
      while let entry = readdir(stream) {
        withUnsafeBytes(of: &entry.pointee.d_name) { found.append(Array($0.prefix { $0 != 0 })) }
      }
    }
    for name in [[0x95, 0x5C] + Array(".txt".utf8), latin, Array("system-x\\x2dy.slice".utf8)] {
      #expect(found.contains(name), "\(name)")
    }
    for name in ["a\\..\\..\\x", "..\\x", "\\x", "a/..\\x", "a\\.."] {
      #expect(
        try put(zip { $0.add(name, content: [1], system: 0) }, folder, .zip) != nil, "\(name)")
    }
    let link = tar {
      $0.add("a\\b", content: [7])
      $0.add("l", type: "2", link: "a\\b")
    }
    #expect(try put(link, folder) == nil)
    #expect(folder.read("into/out/l") == [7])
    #expect(try put(tar { $0.add("l", type: "2", link: "..\\..\\x") }, folder) != nil)
  }

  @Test("PAX names that are not UTF-8 arrive byte for byte")
  func paxBytes() throws {
    let folder = try TemporaryFolder()
    try python(
      """
      import io, gzip, tarfile
      b = io.BytesIO()
      t = tarfile.open(fileobj=b, mode="w", format=tarfile.PAX_FORMAT, errors="surrogateescape")
      name = (b"caf\\xe9-" + b"n" * 120).decode("utf-8", "surrogateescape")
      i = tarfile.TarInfo(name); i.size = 1; t.addfile(i, io.BytesIO(b"1"))
      l = tarfile.TarInfo("l"); l.type = tarfile.SYMTYPE; l.linkname = name; t.addfile(l)
      t.close(); open("t.tar.gz", "wb").write(gzip.compress(b.getvalue()))
      """, folder)
    #expect(try put(try #require(folder.read("t.tar.gz")), folder) == nil)
    #expect(folder.read("into/out/l") == Array("1".utf8))
  }

  @Test("T-H10: valid zips of all kinds arrive: streamed, 64-bit, padded, nested, empty, commented")
  func zipForms() throws {
    let folder = try TemporaryFolder()
    try python(
      """
      import io, zipfile
      class Pipe(io.RawIOBase):
          def __init__(self): self.b = bytearray()
          def writable(self): return True
          def write(self, d): self.b += d; return len(d)
      def fill(z):
          z.writestr("d/x", b"hello" * 1000, zipfile.ZIP_DEFLATED); z.writestr("e", b"")
      def save(name, data): open(name + ".zip", "wb").write(data)
      p = Pipe(); z = zipfile.ZipFile(p, "w"); fill(z); z.close(); save("streamed", bytes(p.b))
      p = Pipe(); z = zipfile.ZipFile(p, "w"); fill(z)
      with z.open(zipfile.ZipInfo("wide"), "w", force_zip64=True) as f: f.write(b"w")
      z.close(); save("wide-streamed", bytes(p.b))
      b = io.BytesIO(); z = zipfile.ZipFile(b, "w"); fill(z)
      with z.open(zipfile.ZipInfo("wide"), "w", force_zip64=True) as f: f.write(b"w")
      z.close(); save("wide", b.getvalue())
      inner = b.getvalue()
      save("padded", inner + bytes(10240 - len(inner) % 10240))
      b = io.BytesIO(); z = zipfile.ZipFile(b, "w"); fill(z); z.writestr("inner.zip", inner)
      z.comment = b"c" * 40000; z.close(); save("nested", b.getvalue())
      # An end record of 64 bits that nothing needs, as zip writes it where it could not know.
      b = io.BytesIO(); z = zipfile.ZipFile(b, "w"); fill(z); z.close(); d = b.getvalue()
      e = d.rindex(b"PK\\5\\6"); n = int.from_bytes(d[e+10:e+12], "little")
      size, at = d[e+12:e+16], d[e+16:e+20]
      q = lambda v: v.to_bytes(8, "little")
      w = b"PK\\6\\6" + q(44) + b"\\x2d\\x03\\x2d\\0" + bytes(8) + q(n) + q(n)
      w += size + bytes(4) + at + bytes(4)
      save("unneeded", d[:e] + w + b"PK\\6\\7" + bytes(4) + q(e) + b"\\1\\0\\0\\0" + d[e:])
      """, folder)
    for name in ["streamed", "wide-streamed", "wide", "padded", "nested", "unneeded"] {
      let bytes = try #require(folder.read("\(name).zip"))
      #expect(try put(bytes, folder, .zip) == nil, "\(name)")
      #expect(folder.read("into/out/d/x")?.count == 5000, "\(name)")
      try FileManager.default.removeItem(atPath: folder.path("into/out").string)
    }
    #expect(try put(zip { _ in }, folder, .zip) == nil)
    #expect(folder.listing("into") == ["out"])
    #expect(try put(Gzip.stored([UInt8](repeating: 0, count: 10240)), folder) == nil)
    #expect(folder.listing("into") == ["out"])
  }

  @Test("T-H10: a zip behind other bytes, and one with another method, are told as what they are")
  func zipReasons() throws {
    let folder = try TemporaryFolder()
    var builder = ZipBuilder()
    builder.add("x", content: [1])
    let prefix = try put(builder.ended(prefix: Array("MZ program".utf8)), folder, .zip)
    #expect(prefix?.contains("prefixed by 10") == true, "\(prefix ?? "")")
    let method = try put(zip { $0.add("x", content: [1], method: 93) }, folder, .zip)
    #expect(method?.contains("zstd") == true, "\(method ?? "")")
  }

  @Test("T-H7: 32 MiB of one byte arrive, and a limit that stops is named")
  func ratio() throws {
    let folder = try TemporaryFolder()
    try python(
      """
      import io, gzip, tarfile
      b = io.BytesIO(); t = tarfile.open(fileobj=b, mode="w")
      i = tarfile.TarInfo("flash"); i.size = 32 << 20; t.addfile(i, io.BytesIO(b"\\xff" * i.size))
      t.close(); open("t.tar.gz", "wb").write(gzip.compress(b.getvalue()))
      """, folder)
    #expect(try put(try #require(folder.read("t.tar.gz")), folder) == nil)
    var limits = Unpacker.Limits()
    limits.ratioFloor = 1000
    let words = UnpackBudget(10, limits).refusal
    #expect(words.contains("2000 bytes") && words.contains("200 times"), "\(words)")
  }
}
