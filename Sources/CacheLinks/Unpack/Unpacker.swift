import CPlatform
import Glibc
package import SystemPackage

/// Unpacks an archive into a new folder: every write goes through a descriptor of that folder, so nothing
/// can land outside.
///
/// Regular files, folders, links inside the tree; one refused entry fails the whole.
package struct Unpacker: Sendable {
  package enum Format: Sendable {
    case zip
    case tarGz
  }

  struct Limits: Sendable {
    /// Bytes that are really written.
    var bytes: Int64 = 20 << 30
    /// Times the archive's own size, once more than `ratioFloor` was written.
    var ratio: Int64 = 200
    var ratioFloor: Int64 = 1 << 30
    var tree = ArchiveTree.Limits()
  }

  package let archive: FilePath
  package let format: Format
  var limits = Limits()
  package var isCancelled: @Sendable () -> Bool = { false }

  package init(archive: FilePath, format: Format) {
    self.archive = archive
    self.format = format
  }

  /// Makes the folder `target`, which must not exist, with the archive's content. After an error the
  /// caller removes what is there.
  ///
  /// Throws `refused` with the reason where the archive breaks a rule or is damaged.
  package func run(into target: FilePath) throws(CacheError) {
    guard let file = try BlobFile.open(archive) else {
      throw CacheError(.notFound, "\(archive) does not exist")
    }
    try requireFormat(file.descriptor, file.stamp.size)
    let reader = try reader(file.descriptor, file.stamp.size)
    let root = try Self.makeRoot(target)
    defer { close(root) }
    var run = UnpackRun(
      reader: reader, root: root, budget: UnpackBudget(file.stamp.size, limits), limits: limits,
      isCancelled: isCancelled)
    do throws(ArchiveTree.Refusal) {
      while !isCancelled(), try run.step() {}
      if !isCancelled() { try run.finish() }
    } catch {
      if isCancelled() { throw CacheError(.cancelled, "cancelled") }
      throw run.failure ?? refused(error)
    }
    if isCancelled() { throw CacheError(.cancelled, "cancelled") }
    // Before the name that promises it: for many files one call costs a hundredth of as many fsyncs.
    guard cplatform_sync_file_system(root) == 0 else {
      throw CacheError.system("cannot write \(target)", errno, at: target)
    }
  }

  private func refused(_ refusal: ArchiveTree.Refusal) -> CacheError {
    CacheError(
      .refused, "\(archive) cannot be unpacked: \(refusal.why)", hint: "Nothing was unpacked")
  }

  private func reader(
    _ descriptor: CInt, _ size: Int64
  ) throws(CacheError) -> any ArchiveSource {
    switch format {
    case .tarGz:
      if let reader = TarReader(descriptor) { return reader }
      throw CacheError(
        .inputOutput, "libarchive cannot be used to read \(archive)",
        hint: "Install it: apt-get install libarchive13")
    case .zip:
      do throws(ArchiveTree.Refusal) {
        let directory = try ZipDirectory(descriptor, size: size, entryLimit: limits.tree.entries)
        if let reader = ZipReader(directory) { return reader }
      } catch {
        throw refused(error)
      }
      throw CacheError(.inputOutput, "there is no memory to read \(archive)")
    }
  }

  private static func makeRoot(_ target: FilePath) throws(CacheError) -> CInt {
    guard target.withPlatformString({ makeDirectory($0, 0o700) }) == 0 else {
      throw CacheError.system("cannot make \(target)", errno, at: target)
    }
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW
    let root = target.withPlatformString { openPath($0, flags) }
    guard root >= 0 else { throw CacheError.system("cannot open \(target)", errno, at: target) }
    return root
  }

  /// Says what the file really is, before a reader stumbles over it.
  private func requireFormat(_ descriptor: CInt, _ size: Int64) throws(CacheError) {
    let found = Self.name(of: readAll(descriptor, at: 0, count: 512).bytes)
    let wanted = format == .zip ? "a zip file" : "a gzip file"
    // Something else may stand before a zip: its directory tells.
    let isHidden =
      format == .zip && found == Self.unknown
      && ZipEnd.isThere(ZipBytes(descriptor: descriptor, size: size))
    guard found == wanted || isHidden else {
      throw CacheError(.refused, "\(archive) is \(found), the pointer says it is \(wanted)")
    }
  }

  private static let unknown = "no known archive"

  private static func name(of start: [UInt8]) -> String {
    if start.starts(with: [0x1F, 0x8B]) { return "a gzip file" }
    if start.starts(with: [0x50, 0x4B]) { return "a zip file" }
    if start.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A]) { return "an xz file" }
    if start.starts(with: [0x42, 0x5A, 0x68]) { return "a bzip2 file" }
    if start.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return "a zstd file" }
    if start.dropFirst(257).starts(with: "ustar".utf8) { return "a tar that is not compressed" }
    if GitLFS.isPointer(start) { return "the text of a Git LFS pointer" }
    return start.isEmpty ? "empty" : unknown
  }
}
