import Glibc
package import SystemPackage

/// A folder outside the cache that only we can read, for copies of an index.
package struct TemporaryFolder {
  private let folder: OwnFolder
  package var path: FilePath { folder.path }

  /// In the first place that takes it and has the room; `bytes` is what will be written into it.
  ///
  /// Throws `diskFull`, naming the places and the bytes, where there is none.
  package init(needing bytes: Int64 = 0) throws(CacheError) {
    var refusals: [String] = []
    for place in Self.places() {
      if place == StateFolder.standard(), PathLook.oddity(place) == nil { try? Folder.make(place) }
      do throws(CacheError) {
        try self.init(in: place, needing: bytes)
        return
      } catch {
        refusals.append(error.message)
      }
    }
    throw Self.noRoom(bytes, refusals)
  }

  package init(in base: FilePath, needing bytes: Int64) throws(CacheError) {
    let free = DiskSpace.of(base).free
    do throws(OwnFolder.Refused) {
      folder = try OwnFolder(in: base)
    } catch {
      throw CacheError.system("cannot make a folder in \(base)", error.code, at: base)
    }
    guard free >= UInt64(max(0, bytes)) else {
      remove()
      throw CacheError(.diskFull, "\(base) has \(free) bytes free")
    }
  }

  /// `TMPDIR`, or `/tmp` where it names nothing; then what else a user may write in, last the state folder.
  package static func places(
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
    if let state = StateFolder.standard(environment: environment) { places.append(state) }
    return places
  }

  static func noRoom(_ bytes: Int64, _ refusals: [String]) -> CacheError {
    CacheError(
      .diskFull,
      "no place has room for \(bytes) bytes: " + refusals.joined(separator: "; "),
      hint: "Set TMPDIR to a folder with \(bytes) bytes free")
  }

  /// Removes the folder with the files of an index in it.
  package func remove() { folder.remove() }
}
