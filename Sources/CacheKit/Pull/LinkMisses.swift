import Glibc
import SystemPackage

// What the cache does not have, or has without a row.
extension LinkResolver {
  /// A right blob at its place without a row: the index was lost, or a run ended before it wrote it.
  func adopt(_ link: LinkFile, _ place: BlobPlace) throws(CacheError) -> Resolved? {
    guard let stamp = try verify(place.file, link, mayQuarantine: true) else { return nil }
    try place.prepare()
    let lease = try record(link, place, stamp.size)
    return Resolved(
      path: place.file, lease: lease, bytes: stamp.size, isHit: true,
      warnings: place.doubt.map { [$0] } ?? [], stamp: stamp)
  }

  /// A right blob outside of this cache that the row names: a copy of it is as good as a download.
  func copyIn(
    _ found: Entry?, _ link: LinkFile, _ place: BlobPlace, _ area: StagingArea
  ) throws(CacheError) -> Resolved? {
    // What cannot be read out there is fetched instead.
    guard let source = RecordedBlob(found, cache.location), !source.isInside,
      (try? verify(source.path, link, mayQuarantine: false)) != nil
    else { return nil }
    let key = StagingArea.key(url: link.url, sha256: link.sha256)
    PartialFile.remove(area, key)
    let copy = area.folder.appending("\(key).partial")
    do throws(CacheError) {
      try FileCopy.copy(source.path, to: copy, mode: 0o644)
      guard try verify(copy, link, mayQuarantine: true) != nil else { return nil }
      try place.take(copy)
    } catch {
      PartialFile.remove(area, key)
      guard error.code != .cancelled else { throw error }
      return nil
    }
    return try adopt(link, place)
  }

  func fetch(
    _ link: LinkFile, _ place: BlobPlace, _ area: StagingArea,
    _ progress: (DownloadProgress) -> Void
  ) throws(CacheError) -> Resolved {
    let moved = try clear(place, link)
    let result = try download(link, area, progress)
    // Whoever comes next takes it from here, without a byte of network.
    if isCancelled(), result.partial.isResumable { throw CacheError(.cancelled, "cancelled") }
    let (lease, stamp) = try keep(result, link, place)
    return Resolved(
      path: place.file, lease: lease, bytes: result.hash.bytes, isHit: false,
      warnings: [moved, place.doubt].compactMap { $0 } + result.warnings, stamp: stamp)
  }

  private func download(
    _ link: LinkFile, _ area: StagingArea, _ progress: (DownloadProgress) -> Void
  ) throws(CacheError) -> Download.Result {
    let request = DownloadRequest(url: link.url, sha256: link.sha256, size: link.size)
    let transfer = try transfers.take()
    defer { transfers.give(transfer) }
    return try withoutActuallyEscaping(progress) { progress throws(CacheError) in
      var download = Download(
        request: request, options: options, settings: settings, area: area,
        transfer: transfer, isCancelled: isCancelled, progress: progress)
      download.quarantine = { wrong in self.putAway(wrong, link) }
      return try download.run()
    }
  }

  /// What would stop every download at its very end: a folder where the blob belongs is moved away, a file
  /// where a folder belongs is not ours. Returns what was done.
  private func clear(_ place: BlobPlace, _ link: LinkFile) throws(CacheError) -> String? {
    if let obstacle = place.obstacle { throw obstacle }
    guard FileStatus(unfollowed: place.file)?.isFolder == true else { return nil }
    let kept = try quarantine.put(folder: place.file, url: link.url)
    return "a folder lay where the blob belongs; kept as \(kept)"
  }

  private func putAway(_ wrong: Download.WrongBlob, _ link: LinkFile) -> String {
    let encoding = wrong.head.contentEncoding.map { " (Content-Encoding: \($0))" } ?? ""
    // A download that cannot be kept is no reason to give up: a mirror may have the right bytes.
    let why = try? putAway(wrong.path, link, wrong.found.sha256, from: wrong.url, recorded: nil)
    return (why ?? "its bytes are wrong") + encoding
  }

  /// Moves a verified download to its place and records it.
  func keep(
    _ result: Download.Result, _ link: LinkFile, _ place: BlobPlace
  ) throws(CacheError) -> (HeldLease, FileStamp?) {
    guard let slots else { return try settle(result, link, place) }
    return try slots.without { () throws(CacheError) in try settle(result, link, place) }
  }

  private func settle(
    _ result: Download.Result, _ link: LinkFile, _ place: BlobPlace
  ) throws(CacheError) -> (HeldLease, FileStamp?) {
    try result.partial.settle(isCancelled: isCancelled)
    let file = FileStamp(result.partial.path)
    try place.take(result.partial.path)
    result.partial.forget()
    // Another file may be there by now, since fbuild asks nobody, and nobody has verified that one.
    var stamp = FileStamp(place.file).flatMap { $0.identity == file?.identity ? $0 : nil }
    if let stamp {
      verified.noteWritten(place.file, stamp, sha256: link.sha256)
    } else {
      stamp = try verify(place.file, link, mayQuarantine: false)
    }
    do throws(CacheError) {
      return (try record(link, place, result.hash.bytes), stamp)
    } catch {
      // The index has no room for it: without the blob there is room to give leases back.
      if error.code == .diskFull, let file, FileStamp(place.file)?.identity == file.identity {
        _ = place.file.withPlatformString { unlinkPath($0) }
      }
      throw error
    }
  }

  private func record(
    _ link: LinkFile, _ place: BlobPlace, _ bytes: Int64
  ) throws(CacheError) -> HeldLease {
    try cache.recordLeasedArchive(
      kind: .lnkBlobs, url: link.url, version: link.sha256, path: place.file, bytes: bytes,
      sha256: link.sha256)
  }
}
