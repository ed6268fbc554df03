/// A path by two hashes of its bytes. Both are seeded anew in every process, so nobody can prepare a
/// collision; one by chance only refuses an archive.
struct PathMark {
  let key: UInt64
  let check: UInt32

  init(_ path: [UInt8]) {
    key = UInt64(bitPattern: Int64(Self.hash(path, 0)))
    check = UInt32(truncatingIfNeeded: Self.hash(path, 1)) >> 2
  }

  private static func hash(_ path: [UInt8], _ seed: UInt8) -> Int {
    var hasher = Hasher()
    hasher.combine(seed)
    path.withUnsafeBytes { hasher.combine(bytes: $0) }
    return hasher.finalize()
  }

  /// The same for all spellings that some file system takes for one name.
  static func folded(_ path: [UInt8]) -> UInt64 {
    var hasher = Hasher()
    if path.allSatisfy({ $0 < 0x80 }) {
      hasher.combine(0 as UInt8)
      for byte in path { hasher.combine((0x41...0x5A).contains(byte) ? byte | 0x20 : byte) }
    } else if let text = String(validating: path, as: UTF8.self) {
      // Swift hashes strings by canonical equivalence: composed and decomposed letters are equal here.
      let folded = text.uppercased().lowercased()
      return folded.utf8.allSatisfy { $0 < 0x80 }
        ? Self.folded(Array(folded.utf8)) : UInt64(bitPattern: Int64(folded.hashValue))
    } else {
      hasher.combine(1 as UInt8)
      path.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }
}

/// The kind of a path in four bytes, with the hash of its bytes, or for a link its number.
struct PathRecord {
  enum Kind: UInt32 {
    case folder
    case file
    case link
  }

  fileprivate let bits: UInt32

  init(_ kind: Kind, _ value: Int) { bits = UInt32(truncatingIfNeeded: value) << 2 | kind.rawValue }

  fileprivate init(bits: UInt32) { self.bits = bits }

  var kind: Kind { Kind(rawValue: bits & 3) ?? .file }
  var value: Int { Int(bits >> 2) }
}

/// The record of each path, by its hash, twelve bytes a slot.
///
/// Many small tables instead of one: they grow one by one and by little, so there is never an old large
/// table beside a new one, as there is in a dictionary: a million paths take 16 MB, and 38 in
/// `[UInt64: UInt32]`, for 0.08 s more of CPU.
struct PathTable {
  private var shards = [Shard](repeating: Shard(), count: 1 << shardBits)
  private static let shardBits: UInt64 = 6
  private(set) var count = 0

  subscript(key: UInt64) -> PathRecord? { shards[Self.shard(key)].record(key) }

  /// The key must not be there yet.
  mutating func insert(_ key: UInt64, _ record: PathRecord) {
    count += 1
    shards[Self.shard(key)].insert(key, record)
  }

  private static func shard(_ key: UInt64) -> Int { Int(key >> (64 - shardBits)) }

  /// Open addressing: a key stands at its own slot, or at the next free one behind it.
  private struct Shard {
    /// Three words a slot: the two halves of the key, and the record.
    private var words: [UInt32] = []
    private var slots = 0
    private var count = 0
    /// No record has this value, since no kind has both of its bits.
    private static let free = UInt32.max

    func record(_ key: UInt64) -> PathRecord? {
      guard slots > 0 else { return nil }
      var slot = home(key)
      while words[slot * 3 + 2] != Self.free {
        if isKey(key, slot) { return PathRecord(bits: words[slot * 3 + 2]) }
        slot = slot + 1 == slots ? 0 : slot + 1
      }
      return nil
    }

    mutating func insert(_ key: UInt64, _ record: PathRecord) {
      if count * 8 >= slots * 7 { grow() }
      count += 1
      put(key, record.bits)
    }

    private mutating func put(_ key: UInt64, _ bits: UInt32) {
      var slot = home(key)
      while words[slot * 3 + 2] != Self.free { slot = slot + 1 == slots ? 0 : slot + 1 }
      words[slot * 3] = UInt32(truncatingIfNeeded: key)
      words[slot * 3 + 1] = UInt32(truncatingIfNeeded: key >> 32)
      words[slot * 3 + 2] = bits
    }

    private mutating func grow() {
      let old = words
      slots = max(16, slots + slots / 4)
      words = [UInt32](repeating: Self.free, count: slots * 3)
      for place in stride(from: 0, to: old.count, by: 3) where old[place + 2] != Self.free {
        put(UInt64(old[place]) | UInt64(old[place + 1]) << 32, old[place + 2])
      }
    }

    /// The bits that all keys of a shard share are shifted away first.
    private func home(_ key: UInt64) -> Int {
      Int((key << PathTable.shardBits).multipliedFullWidth(by: UInt64(slots)).high)
    }

    private func isKey(_ key: UInt64, _ slot: Int) -> Bool {
      words[slot * 3] == UInt32(truncatingIfNeeded: key)
        && words[slot * 3 + 1] == UInt32(truncatingIfNeeded: key >> 32)
    }
  }
}
