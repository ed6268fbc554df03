public import SystemPackage

/// A process that holds, or waits for, a lock on the index or on a file beside it.
public struct LockHolder: Sendable, Hashable {
  /// `nil` where the kernel does not tell: the process is in another PID namespace, or the lock
  /// belongs to a descriptor and not to a process.
  public var pid: Int64?
  /// The kernel's name of the process, `nil` where it cannot be read.
  public var name: String?
  /// The command line, `nil` where it cannot be read.
  public var command: String?
  /// What kind of lock it is.
  public var lock: Lock

  /// What a lock keeps others from.
  public enum Lock: String, Sendable, Hashable {
    /// SQLite's one writer.
    case write
    /// A checkpoint moves pages into the main file.
    case checkpoint
    /// Nobody else may even read.
    case exclusive
    /// flock(2) on a file.
    case file
  }

  public init(pid: Int64?, name: String?, command: String?, lock: Lock) {
    self.pid = pid
    self.name = name
    self.command = command
    self.lock = lock
  }

  /// "fbuild-daemon 60021", for a message; control characters are escaped.
  public var phrase: String {
    guard let pid else { return "a process that cannot be seen from here" }
    return name.map { "\(oneLine($0)) \(pid)" } ?? "process \(pid)"
  }
}

extension [LockHolder] {
  /// Each holder once, whatever the number of its locks.
  public var phrases: [String] {
    var seen: Set<String> = []
    return map(\.phrase).filter { seen.insert($0).inserted }
  }
}

extension ProcessTable {
  /// Who holds locks of SQLite on the index below `root` that keep others from writing.
  public mutating func indexLocks(root: FilePath) -> [LockHolder] {
    let index = FileIdentity(path: root.appending("index.sqlite"))
    let shared = FileIdentity(path: root.appending("index.sqlite-shm"))
    return locks { lock in
      if let index, lock.file.matches(index) { return lock.lockOfMainFile }
      if let shared, lock.file.matches(shared) { return lock.lockOfSharedMemory }
      return nil
    }
  }

  /// Who holds a lock of flock(2) on the file.
  public mutating func fileLocks(_ path: FilePath) -> [LockHolder] {
    guard let file = FileIdentity(path: path) else { return [] }
    return locks { $0.isFileLock && $0.isExclusive && $0.file.matches(file) ? .file : nil }
  }

  private mutating func locks(_ kind: (KernelLock) -> LockHolder.Lock?) -> [LockHolder] {
    guard let bytes = try? reader.tree.readLong("locks").get() else { return [] }
    var holders: [LockHolder] = []
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard let lock = KernelLock(line), let kind = kind(lock) else { continue }
      let process = lock.pid.flatMap { probe($0).facts }
      let holder = LockHolder(
        pid: lock.pid, name: process?.name, command: process?.command, lock: kind)
      if !holders.contains(holder) { holders.append(holder) }
    }
    return holders
  }
}

/// A line of /proc/locks: `1: POSIX  ADVISORY  WRITE 4121 fe:00:1441795 120 120`.
struct KernelLock: Sendable, Hashable {
  var isFileLock: Bool
  var isExclusive: Bool
  var pid: Int64?
  var file: LockedFile
  var range: ClosedRange<UInt64>

  /// Reads a lock that is held; `nil` for a process that waits and for lines of another form.
  init?(_ line: some Collection<UInt8>) {
    let fields = text(line).split(separator: " ")
    guard fields.count >= 8, fields[1] != "->", let file = LockedFile(fields[5]),
      let first = UInt64(fields[6])
    else { return nil }
    let last = fields[7] == "EOF" ? UInt64.max : UInt64(fields[7]) ?? first
    guard first <= last else { return nil }
    isFileLock = fields[1] == "FLOCK"
    isExclusive = fields[3] == "WRITE"
    pid = Int64(fields[4]).flatMap { isValidProcessID($0) ? $0 : nil }
    self.file = file
    range = first...last
  }

  /// SQLite's locks in the shared memory of a WAL: byte 120 writes, byte 121 checkpoints.
  var lockOfSharedMemory: LockHolder.Lock? {
    guard isExclusive, !isFileLock else { return nil }
    if range.contains(120) { return .write }
    return range.contains(121) ? .checkpoint : nil
  }

  /// SQLite's locks on the main file: pending, reserved and 510 shared bytes from 1 GiB on.
  var lockOfMainFile: LockHolder.Lock? {
    guard isExclusive, !isFileLock else { return nil }
    if range.overlaps(0x4000_0002...0x4000_01FF) { return .exclusive }
    return range.overlaps(0x4000_0000...0x4000_0001) ? .write : nil
  }
}

/// The file of a kernel lock: major and minor device in hexadecimal, and the inode.
struct LockedFile: Sendable, Hashable {
  var major: UInt64
  var minor: UInt64
  var inode: UInt64

  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ":")
    guard parts.count == 3, let major = UInt64(parts[0], radix: 16),
      let minor = UInt64(parts[1], radix: 16), let inode = UInt64(parts[2])
    else { return nil }
    (self.major, self.minor, self.inode) = (major, minor, inode)
  }

  /// The kernel packs a device number as 12 bits of major and 20 bits of minor, in pieces.
  func matches(_ file: FileIdentity) -> Bool {
    let device = file.device
    return inode == file.inode
      && major == (device >> 8 & 0xFFF | device >> 32 & ~0xFFF)
      && minor == (device & 0xFF | device >> 12 & 0xFFFF_FF00)
  }
}
