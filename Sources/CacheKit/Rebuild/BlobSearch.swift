import Synchronization
import SystemPackage

/// The blobs of `archives/lnk-blobs/STEM/HASH/SHA256/NAME`: one is an entry where its bytes have the hash
/// that its folder is named after.
struct BlobSearch {
  private let location: CacheLocation
  private let verified: VerifiedFiles
  private let keepsNotes: Bool
  private let isCancelled: @Sendable () -> Bool

  init(
    _ context: ActionContext, keepsNotes: Bool = true,
    isCancelled: @escaping @Sendable () -> Bool
  ) {
    self.keepsNotes = keepsNotes
    location = context.location
    verified = VerifiedFiles(context.location, clock: context.options.clock)
    self.isCancelled = isCancelled
  }

  struct Result: Sendable {
    var found: [FoundEntry] = []
    var unproved: [UnprovedPlace] = []
  }

  struct Place: Sendable {
    var stem: String
    var hash: String
    var sha256: String
    var path: FilePath
    var status: FileStatus
  }

  /// Hashes on all cores. Throws `cancelled`.
  func run() throws(CacheError) -> Result {
    let result = Mutex(Result())
    let search = self
    Workers.run(Self.places(location), jobs: Workers.processorCount, isCancelled: isCancelled) {
      place in
      search.prove(place, result)
    }
    if isCancelled() { throw CacheError(.cancelled, "cancelled") }
    if keepsNotes { verified.save() }
    return result.withLock { result -> Result in
      result.found.sort { $0.path.string < $1.path.string }
      result.unproved.sort { $0.path.string < $1.path.string }
      return result
    }
  }

  /// Every file that lies where a blob belongs.
  static func places(_ location: CacheLocation) -> [Place] {
    let top = location.archives.appending(EntryKind.lnkBlobs.rawValue)
    return CacheFolders.inside(top).flatMap { stem in
      CacheFolders.inside(stem).flatMap { hash in
        CacheFolders.inside(hash).flatMap { places(in: $0, hash: hash, stem: stem) }
      }
    }
  }

  /// A folder of another name holds no blob: half a download, or somebody else's.
  private static func places(in folder: FilePath, hash: FilePath, stem: FilePath) -> [Place] {
    guard let sha256 = folder.lastComponent?.string, LinkFile.normalised(sha256: sha256) == sha256,
      let hashName = hash.lastComponent?.string, HexName.isHash(hashName),
      let stemName = stem.lastComponent?.string
    else { return [] }
    return CacheFolders.files(folder).map { path, status in
      Place(stem: stemName, hash: hashName, sha256: sha256, path: path, status: status)
    }
  }

  private func prove(_ place: Place, _ result: borrowing Mutex<Result>) {
    let entry = FoundEntry(
      kind: .lnkBlobs, hash: place.hash, stem: place.stem, version: place.sha256, phase: .archive,
      path: place.path, bytes: place.status.size, time: place.status.modifiedSeconds)
    if let reason = refutation(of: place) {
      result.withLock { $0.unproved.append(UnprovedPlace(path: place.path, reason: reason)) }
    } else {
      result.withLock { $0.found.append(entry) }
    }
  }

  /// Why the file is no blob; `nil` for one that is proved.
  private func refutation(of place: Place) -> String? {
    do throws(CacheError) {
      guard RawText(path: place.path).string != nil else { return "its path is not valid UTF-8" }
      guard let file = try BlobFile.open(place.path) else { return "it is gone" }
      let sha256 = try file.sha256(
        verified, expecting: place.sha256, isCancelled: isCancelled)
      return sha256 == place.sha256 ? nil : "its bytes have the hash \(sha256)"
    } catch {
      return error.message
    }
  }
}

/// Names of folders that are hex digits.
enum HexName {
  /// 16 lower-case digits.
  static func isHash(_ name: String) -> Bool {
    name.utf8.count == 16
      && name.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
