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
    /// Folders that could not be read.
    var unread: [LinkScan.Problem] = []
  }

  /// Hashes on all cores. Throws `cancelled`.
  func run() throws(CacheError) -> Result {
    var folders = CacheFolders()
    let places = BlobOnDisk.all(location, &folders)
    let result = Mutex(Result(unread: folders.unread))
    let search = self
    Workers.run(places, jobs: Workers.processorCount, isCancelled: isCancelled) {
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

  private func prove(_ place: BlobOnDisk, _ result: borrowing Mutex<Result>) {
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
  private func refutation(of place: BlobOnDisk) -> String? {
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
