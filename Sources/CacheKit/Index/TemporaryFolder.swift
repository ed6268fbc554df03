import Glibc
import SystemPackage

/// A folder outside the cache that only we can read, for copies of an index.
struct TemporaryFolder {
  let path: FilePath

  /// In the first place that takes it and has the room; `bytes` is what will be written into it.
  ///
  /// Throws `diskFull`, naming the places and the bytes, where there is none.
  init(needing bytes: Int64 = 0) throws(CacheError) {
    var refusals: [String] = []
    for place in Self.places() {
      do throws(CacheError) {
        try self.init(in: place, needing: bytes)
        return
      } catch {
        refusals.append(error.message)
      }
    }
    throw Self.noRoom(bytes, refusals)
  }

  init(in base: FilePath, needing bytes: Int64) throws(CacheError) {
    let free = DiskSpace.of(base).free
    var template = base.appending("cachescope-XXXXXX").withPlatformString { start in
      Array(UnsafeBufferPointer(start: start, count: strlen(start) + 1))
    }
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { FilePath(platformString: $0) }
    }
    guard let made else { throw CacheError.system("cannot make a folder in \(base)", errno) }
    path = made
    guard free >= UInt64(max(0, bytes)) else {
      remove()
      throw CacheError(.diskFull, "\(base) has \(free) bytes free")
    }
  }

  /// `TMPDIR`, or `/tmp` where it names nothing; then what else a user may write in, last the state folder.
  static func places(
    environment: (String) -> FilePath? = CacheLocation.environmentValue
  ) -> [FilePath] {
    func named(_ name: String) -> FilePath? {
      environment(name).flatMap { $0.isEmpty ? nil : $0 }
    }
    let runtime = named("XDG_RUNTIME_DIR").flatMap { $0.isAbsolute ? $0 : nil }
    var places: [FilePath] = []
    for place in [named("TMPDIR") ?? "/tmp", runtime, "/dev/shm", "/tmp"] {
      if let place, !places.contains(place) { places.append(place) }
    }
    if let state = StateFolder.standard(environment: environment) {
      if PathLook.oddity(state) == nil { try? Folder.make(state) }
      places.append(state)
    }
    return places
  }

  static func noRoom(_ bytes: Int64, _ refusals: [String]) -> CacheError {
    CacheError(
      .diskFull,
      "no place has room for \(bytes) bytes: " + refusals.joined(separator: "; "),
      hint: "Set TMPDIR to a folder with \(bytes) bytes free")
  }

  /// Removes the folder with the files of an index in it.
  func remove() {
    for suffix in ["", "-wal", "-shm", "-journal"] {
      _ = path.appending("index.sqlite" + suffix).withPlatformString { unlink($0) }
    }
    _ = path.appending(".cachescope.lock").withPlatformString { unlink($0) }
    _ = path.withPlatformString { rmdir($0) }
  }
}
