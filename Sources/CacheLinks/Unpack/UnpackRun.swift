import CPlatform
import Glibc

/// One unpacking on its way: entries become files below a folder's descriptor.
struct UnpackRun {
  typealias Refusal = ArchiveTree.Refusal

  private let reader: any ArchiveSource
  private let budget: UnpackBudget
  private var left: Int64
  private var tree: ArchiveTree
  private var folders = FolderList()
  /// In the order of the tree's links.
  private var linkTimes: [FileTime?] = []
  private let isCancelled: () -> Bool
  private var place: UnpackPlace
  private var buffer = [UInt8](repeating: 0, count: 256 << 10)
  /// A failure of the disk, which is not the archive's fault.
  var failure: CacheError? { place.failure }

  init(
    reader: any ArchiveSource, root: CInt, budget: UnpackBudget, limits: Unpacker.Limits,
    isCancelled: @escaping () -> Bool
  ) {
    self.reader = reader
    self.budget = budget
    self.isCancelled = isCancelled
    left = budget.bytes
    place = UnpackPlace(root: root)
    tree = ArchiveTree(limits: limits.tree)
  }

  /// Takes one entry; false at the end.
  mutating func step() throws(Refusal) -> Bool {
    guard let entry = try reader.next() else { return false }
    let path = try tree.path(entry.name)
    switch entry.kind {
    case .file: try file(path, entry)
    case .folder: try folder(path, entry)
    case .symbolicLink:
      _ = try add(path, .link(target: entry.target))
      linkTimes.append(entry.modified)
    case .hardLink: try hardLink(path, entry)
    }
    return true
  }

  /// Makes the symbolic links, after all files: no write can go through one. Then folders get the modes
  /// and times that they keep.
  mutating func finish() throws(Refusal) {
    try tree.requireLinksInside()
    for index in 0..<tree.linkCount where !isCancelled() {
      let link = tree.link(index)
      try place.makeLink(link.path, link.target, linkTimes[index])
    }
    try place.settleRoot(nil, nil)
    for folder in folders.innermostFirst where !isCancelled() {
      if folder.path.isEmpty {
        try place.settleRoot(folder.mode, folder.modified)
      } else {
        try place.settle(folder.path, folder.mode, folder.modified)
      }
    }
  }

  /// Adds the entry, and makes the folders above it that are new. True where the entry itself is.
  private mutating func add(
    _ path: [UInt8], _ kind: ArchiveTree.Kind
  ) throws(Refusal) -> Bool {
    let added = try tree.add(path, kind)
    for end in added.folders { try place.makeFolder(Array(path[..<end])) }
    return added.isNew
  }

  private mutating func file(_ path: [UInt8], _ entry: ArchiveEntry) throws(Refusal) {
    _ = try add(path, .file)
    guard entry.size <= left else { throw Refusal(why: budget.refusal) }
    let descriptor = try place.makeFile(path)
    defer { close(descriptor) }
    let written = try content(descriptor, path)
    if entry.isSparse, written < entry.size {
      guard truncateDescriptor(descriptor, Int(entry.size)) == 0 else {
        throw place.fail(errno, path)
      }
    } else if written != entry.size {
      throw Refusal(why: "\(ArchiveTree.readable(path)) has another size than it declares")
    }
    if let code = FileMetadata.setMode(descriptor, FileMetadata.mode(entry.mode, 0o644)) {
      throw place.fail(code, path)
    }
    FileMetadata.setTime(descriptor, entry.modified)
  }

  private mutating func folder(_ path: [UInt8], _ entry: ArchiveEntry) throws(Refusal) {
    if try add(path, .folder) { try place.makeFolder(path) }
    try folders.add(path, entry)
    guard try reader.read(into: &buffer) == 0 else {
      throw Refusal(why: "the folder \(ArchiveTree.readable(path)) has content")
    }
  }

  private mutating func content(_ descriptor: CInt, _ path: [UInt8]) throws(Refusal) -> Int64 {
    var total: Int64 = 0
    while true {
      let got = try reader.read(into: &buffer)
      if got == 0 { return total }
      if isCancelled() { throw Refusal(why: "cancelled") }
      left -= Int64(got)
      guard left >= 0 else { throw Refusal(why: budget.refusal) }
      total += Int64(got)
      guard let code = write(descriptor, got) else { continue }
      throw place.fail(code, path)
    }
  }

  /// The error of a failed write, or `nil`.
  private func write(_ descriptor: CInt, _ count: Int) -> CInt? {
    buffer.withUnsafeBytes { bytes in
      let code = writeAll(UnsafeRawBufferPointer(rebasing: bytes[..<count]), to: descriptor)
      return code == 0 ? nil : code
    }
  }

  /// A second name, only for a file that this archive has brought already.
  private mutating func hardLink(
    _ path: [UInt8], _ entry: ArchiveEntry
  ) throws(Refusal) {
    let target = try tree.path(entry.target)
    guard tree.kind(target) == .file, target != path else {
      throw Refusal(why: "the hard link \(ArchiveTree.readable(path)) names no file before it")
    }
    guard entry.size == 0, try reader.read(into: &buffer) == 0 else {
      throw Refusal(why: "the hard link \(ArchiveTree.readable(path)) brings its own bytes")
    }
    _ = try add(path, .file)
    try place.makeHardLink(path, to: target)
  }
}

/// How much an archive may become, and why no more.
struct UnpackBudget {
  let bytes: Int64
  let refusal: String

  init(_ size: Int64, _ limits: Unpacker.Limits) {
    let product = size.multipliedReportingOverflow(by: limits.ratio)
    let grown = max(limits.ratioFloor, product.overflow ? .max : product.partialValue)
    bytes = min(limits.bytes, grown)
    let why =
      bytes == limits.bytes
      ? "the most that is ever unpacked"
      : "\(limits.ratio) times its own \(size) bytes, and at least \(limits.ratioFloor)"
    refusal = "it unpacks to more than its limit of \(bytes) bytes: \(why)"
  }
}
