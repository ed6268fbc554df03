import Glibc
import Synchronization
import SystemPackage

/// What was put where, and what it was then: a target that is still that is not made again.
///
/// Kept in the user's state folder. A target counts as untouched only where every name, inode, mode, size,
/// modification and change time below it is the same, on a file system that keeps fine change times; a
/// lost or damaged note costs time, never truth.
package final class PlacedTargets: Sendable {
  private struct State {
    var notes: [[UInt8]: PlacedNote]
    var fresh: [[UInt8]: PlacedNote] = [:]
  }

  private let path: FilePath?
  private let state: Mutex<State>

  private static let title = "cachescope placed targets 1"
  private static let (countLimit, sizeLimit) = (4096, 32 << 20)
  /// Longer than a tick of the clock that stamps changes: what comes later has another stamp.
  private static let tick: Int64 = 20_000_000
  private static let kinds: Set<String> = [
    "ext4", "tmpfs", "xfs", "btrfs", "overlay", "f2fs", "zfs", "bcachefs",
  ]

  package init(_ location: CacheLocation) {
    path = location.stateFolder?.appending("placed")
    state = Mutex(State(notes: path.map(Self.load) ?? [:]))
  }

  /// True where the target is what this blob gave, and nobody has touched it since.
  func isUntouched(_ target: FilePath, _ link: LinkFile) -> Bool {
    let key = Self.key(target)
    guard let note = state.withLock({ $0.notes[key] }), note.sha256 == link.sha256,
      note.extract == link.extract, NodeStamp(target) == note.root
    else { return false }
    return TreeMark(below: target) == note.inside
  }

  /// What is about to get the target's name; `nil` where notes are not kept.
  ///
  /// Waits for the next tick of the clock: a change after the rename then shows.
  func look(_ content: FilePath) -> (root: NodeStamp, inside: TreeMark)? {
    guard path != nil, Self.kinds.contains(FileSystemKind.of(content).name),
      let root = NodeStamp(content), let inside = TreeMark(below: content)
    else { return nil }
    Self.wait(after: inside.newest)
    return (root, inside)
  }

  func note(
    _ target: FilePath, _ link: LinkFile, _ seen: (root: NodeStamp, inside: TreeMark)
  ) {
    guard let root = NodeStamp(target), root.isRenamed(seen.root),
      root.changed % 1_000_000_000 != 0
    else { return }
    let note = PlacedNote(
      sha256: link.sha256, extract: link.extract, root: root, inside: seen.inside)
    let key = Self.key(target)
    state.withLock {
      $0.notes[key] = note
      $0.fresh[key] = note
    }
  }

  /// Writes what is new, together with what other processes have written meanwhile. Failing is no error.
  package func save() {
    let fresh = state.withLock { $0.fresh }
    guard let path, !fresh.isEmpty else { return }
    Self.wait(after: fresh.values.map(\.root.changed).max() ?? .min)
    let sound = fresh.filter { NodeStamp(Self.target($0.key)) == $0.value.root }
    var notes = Self.load(path).merging(sound) { _, new in new }
    if notes.count > Self.countLimit {
      let newest = notes.sorted { $0.value.root.changed > $1.value.root.changed }
      notes = Dictionary(newest.prefix(Self.countLimit).map { ($0.key, $0.value) }) { one, _ in one
      }
    }
    let lines = notes.map { "\($0.value.line) \(Hex.text($0.key))" }
    try? Folder.make(path.removingLastComponent())
    try? SmallFile.write(
      path, ([Self.title] + lines).joined(separator: "\n") + "\n", isDurable: false)
  }

  /// The real folder, so that a link that leads elsewhere by now is another target.
  private static func key(_ target: FilePath) -> [UInt8] {
    let folder = target.removingLastComponent()
    let name = target.lastComponent.map { (folder.real ?? folder).appending($0) } ?? target
    return name.withPlatformString { text in
      UnsafeRawBufferPointer(start: text, count: strlen(text)).map { $0 }
    }
  }

  private static func target(_ key: [UInt8]) -> FilePath {
    (key.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { text in
      text.baseAddress.map { FilePath(platformString: $0) } ?? FilePath()
    }
  }

  private static func wait(after time: Int64) {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let age = (Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
      .subtractingReportingOverflow(time)
    guard !age.overflow, age.partialValue >= 0, age.partialValue < tick else { return }
    usleep(UInt32((tick - age.partialValue) / 1000))
  }

  private static func load(_ path: FilePath) -> [[UInt8]: PlacedNote] {
    guard let bytes = try? SmallFile.read(path, limit: sizeLimit) else { return [:] }
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    guard let first = lines.first, first.elementsEqual(title.utf8) else { return [:] }
    var notes: [[UInt8]: PlacedNote] = [:]
    for line in lines.dropFirst() {
      let words = String(decoding: line, as: UTF8.self).split(separator: " ")
      guard let note = PlacedNote(words), let key = PlacedNote.bytes(words[11]) else { continue }
      notes[key] = note
    }
    return notes
  }
}

/// One line of the notes, without the target's path.
struct PlacedNote: Hashable, Sendable {
  var sha256: String
  var extract: LinkFile.Extract
  var root: NodeStamp
  var inside: TreeMark

  init(sha256: String, extract: LinkFile.Extract, root: NodeStamp, inside: TreeMark) {
    self.sha256 = sha256
    self.extract = extract
    self.root = root
    self.inside = inside
  }

  /// `nil` for a line that we did not write: twelve words, the last of them the path in hex.
  init?(_ words: [Substring]) {
    guard words.count == 12, words[0].utf8.count == 64,
      let extract = LinkFile.Extract(rawValue: String(words[1])),
      let device = UInt64(words[2]), let inode = UInt64(words[3]), let mode = UInt32(words[4]),
      let size = Int64(words[5]), let modified = Int64(words[6]), let changed = Int64(words[7]),
      let first = UInt64(words[8]), let second = UInt64(words[9]), let count = UInt64(words[10])
    else { return nil }
    self.init(
      sha256: String(words[0]), extract: extract,
      root: NodeStamp(
        device: device, inode: inode, mode: mode, size: size, modified: modified,
        changed: changed),
      inside: TreeMark(first: first, second: second, count: count))
  }

  var line: String {
    """
    \(sha256) \(extract.rawValue) \(root.device) \(root.inode) \(root.mode) \(root.size) \
    \(root.modified) \(root.changed) \(inside.first) \(inside.second) \(inside.count)
    """
  }

  static func bytes(_ hex: Substring) -> [UInt8]? {
    let digits = Array(hex.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      let pair = String(decoding: digits[index...(index + 1)], as: UTF8.self)
      guard let byte = UInt8(pair, radix: 16) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}
