import CPlatform

/// The bytes of what is removed, each inode once.
struct ReclaimedInodes {
  private(set) var bytes = ReclaimedBytes()
  /// How many names each inode with several of them has lost.
  private var shared: [SimulatedFolder.ID: UInt64] = [:]

  mutating func add(_ entry: cplatform_entry) {
    let size = entry.isFolder ? 0 : UInt64(max(0, entry.size))
    let blocks = UInt64(max(0, entry.blocks)).multipliedReportingOverflow(by: 512)
    let taken = blocks.overflow ? .max : blocks.partialValue
    guard !entry.isFolder, entry.links > 1 else { return add(size, taken, taken, isNew: true) }
    let id = SimulatedFolder.ID(device: entry.device, inode: entry.inode)
    let seen = shared[id, default: 0] + 1
    shared[id] = seen
    let isNew = seen == 1
    add(isNew ? size : 0, isNew ? taken : 0, seen == entry.links ? taken : 0, isNew: isNew)
  }

  private mutating func add(_ size: UInt64, _ taken: UInt64, _ free: UInt64, isNew: Bool) {
    bytes.apparent = bytes.apparent.saturatingSum(size)
    bytes.allocated = bytes.allocated.saturatingSum(taken)
    bytes.reclaimable = bytes.reclaimable.saturatingSum(free)
    if isNew { bytes.inodes += 1 }
  }
}

/// Three numbers of bytes that are never the same thing.
public struct ReclaimedBytes: Sendable, Hashable {
  /// What the sizes of the files say.
  public var apparent: UInt64 = 0
  /// What the files take on the disk.
  public var allocated: UInt64 = 0
  /// What becomes free: the files that have no name left elsewhere.
  public var reclaimable: UInt64 = 0
  public var inodes = 0

  /// What came on top of an earlier count.
  func since(_ earlier: ReclaimedBytes) -> ReclaimedBytes {
    ReclaimedBytes(
      apparent: apparent - min(apparent, earlier.apparent),
      allocated: allocated - min(allocated, earlier.allocated),
      reclaimable: reclaimable - min(reclaimable, earlier.reclaimable),
      inodes: inodes - earlier.inodes)
  }
}
