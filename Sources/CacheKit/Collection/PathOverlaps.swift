import Glibc
import SystemPackage

/// Finds the rows whose files are, hold or lie in those of others: whoever removes the ones takes the
/// others along.
struct PathOverlaps {
  /// Files that are to go.
  struct Victim: Sendable {
    var key: CollectionRun.Key
    var components: [[UInt8]]

    /// `nil` for a path that ours does not touch.
    init?(_ step: CollectionPlan.Step, _ jail: PathJail) {
      guard case .success(let place) = jail.place(of: step.path.bytes) else { return nil }
      self.init(key: step.key, components: place.components)
    }

    init(key: CollectionRun.Key, components: [[UInt8]]) {
      self.key = key
      self.components = components
    }
  }

  struct Pair: Sendable {
    var victim: CollectionRun.Key
    var other: CollectionRun.Key
  }

  private let root: [UInt8]
  /// The root without links.
  private let realRoot: [UInt8]
  /// The victims by the digest of their path, and of each folder above it.
  private var whole: [UInt64: [CollectionRun.Key]] = [:]
  private var above: [UInt64: [CollectionRun.Key]] = [:]
  /// Most digests are in neither: one bit says so.
  private var filter = [UInt64](repeating: 0, count: 1 << 12)

  /// - Parameter root: the bytes of the cache's root, as absolute paths of rows begin.
  init(_ victims: [Victim], root: [UInt8]) {
    self.root = root
    realRoot = FilePath(bytes: root).real.map(CacheGround.bytes(of:)) ?? root
    for victim in victims {
      var digest = Digest()
      for (place, component) in victim.components.enumerated() {
        component.withUnsafeBytes { digest.add($0) }
        if place == victim.components.count - 1 {
          whole[digest.value, default: []].append(victim.key)
        } else {
          above[digest.value, default: []].append(victim.key)
        }
        filter[Int(digest.value >> 6) & (filter.count - 1)] |= 1 << (digest.value & 63)
      }
    }
  }

  /// What the components of a path say.
  private struct Walked {
    var victims: [CollectionRun.Key] = []
    /// The digests of its first two folders, which many paths share.
    var folders: [(digest: UInt64, end: Int)] = []
  }

  /// The victims that have files in common with a path below the root, as it is spelled.
  private func walk(_ path: UnsafeBufferPointer<UInt8>) -> Walked {
    var found = Walked()
    var digest = Digest()
    var count = 0
    var rest = UnsafeRawBufferPointer(path)
    while !rest.isEmpty {
      let part = Self.firstPart(rest)
      if !part.isEmpty, !(part.count == 1 && part[0] == UInt8(ascii: ".")) {
        digest.add(part)
        count += 1
        if count <= Self.sharedFolders {
          found.folders.append((digest.value, path.count - rest.count + part.count))
        }
        if mayHold(digest.value), let keys = whole[digest.value] { found.victims += keys }
      }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count + 1))
    }
    // A row that names a folder of others is wrong, and no reason to keep all of them.
    if count >= 3, mayHold(digest.value), let keys = above[digest.value] { found.victims += keys }
    return found
  }

  /// The folders of a kind and of a stem: so few are looked at for links. Deeper ones are for rows that are held.
  private static let sharedFolders = 2

  /// What stands before the first slash.
  private static func firstPart(_ path: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard let start = path.baseAddress,
      let slash = memchr(start, CInt(UInt8(ascii: "/")), path.count)
    else { return path }
    return UnsafeRawBufferPointer(start: start, count: UnsafeRawPointer(slash) - start)
  }

  private func mayHold(_ digest: UInt64) -> Bool {
    filter[Int(digest >> 6) & (filter.count - 1)] & (1 << (digest & 63)) != 0
  }

  /// What stands behind the root, by any of its names; `nil` for a path elsewhere.
  private func withoutRoot(
    _ path: UnsafeBufferPointer<UInt8>
  ) -> UnsafeBufferPointer<UInt8>? {
    let slash = UInt8(ascii: "/")
    guard path.first == slash else { return path }
    var count = root.count
    if !beginsWithRoot(path) {
      guard let alias = RootAliases.alias(of: root, in: Array(path)) else { return nil }
      count = alias.count
    }
    guard path.count > count, path[count] == slash else { return nil }
    return UnsafeBufferPointer(rebasing: path.dropFirst(count))
  }

  private func beginsWithRoot(_ path: UnsafeBufferPointer<UInt8>) -> Bool {
    guard path.count >= root.count, let start = path.baseAddress else { return root.isEmpty }
    return memcmp(start, root, root.count) == 0
  }

  /// A digest over components, whatever stood between them: equal ones are equal, and few others are.
  private struct Digest {
    var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Eight bytes at a time: any number of paths is digested for one plan.
    mutating func add(_ component: UnsafeRawBufferPointer) {
      mix(UInt64(component.count))
      var place = 0
      while place + 8 <= component.count {
        mix(component.loadUnaligned(fromByteOffset: place, as: UInt64.self))
        place += 8
      }
      var rest: UInt64 = 0
      while place < component.count {
        rest = rest << 8 | UInt64(component[place])
        place += 1
      }
      mix(rest)
    }

    private mutating func mix(_ word: UInt64) {
      let (high, low) = (value ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
      value = high ^ low
    }
  }
}

extension PathOverlaps {
  /// All pairs of a victim and another row, in one pass.
  func read(_ db: Database) throws -> [Pair] {
    let cursor = try LenientRow.fetchCursor(
      db,
      sql:
        "SELECT id, installed_path, archive_path, pinned IS NOT 0 FROM entries NOT INDEXED ORDER BY id"
    )
    let leased = try Self.leased(db)
    var links = FolderLinks(root: root)
    var pairs: [Pair] = []
    while let row = try cursor.next() {
      for (column, phase) in [(CInt(1), CachePhase.installed), (2, .archive)] {
        guard let bytes = row.textBytes(column) else { continue }
        let isHeld = row.count(3) != 0 || leased.contains(row.count(0))
        for victim in victims(bytes, isHeld: isHeld, &links) {
          let other = CollectionRun.Key(id: row.count(0), phase: phase)
          if other != victim { pairs.append(Pair(victim: victim, other: other)) }
        }
      }
    }
    return pairs
  }

  /// Rows that a lease names; they are looked at more closely than others.
  private static func leased(_ db: Database) throws -> Set<Int64> {
    guard try SchemaShape.read(db).hasColumns(["entry_id"], in: "leases") else { return [] }
    let cursor = try LenientRow.fetchCursor(db, sql: "SELECT entry_id FROM leases")
    var found: Set<Int64> = []
    while let row = try cursor.next() { found.insert(row.count(0)) }
    return found
  }

  /// The same by where the path really leads, where its text does not tell, and for what is held.
  private func victims(
    _ path: UnsafeBufferPointer<UInt8>, isHeld: Bool, _ links: inout FolderLinks
  ) -> [CollectionRun.Key] {
    let rest = withoutRoot(path)
    let found = rest.map(walk) ?? Walked()
    guard found.victims.isEmpty else { return found.victims }
    // A copied cache names another root in each row: none is followed that nobody holds.
    let mayLeadElsewhere =
      rest.map { rest in
        // Two dots in a name are rare enough to be looked at more closely.
        Self.hasTwoDots(UnsafeRawBufferPointer(rest))
          || found.folders.contains { links.isLink($0.digest, rest.prefix($0.end)) }
      } ?? false
    guard isHeld || mayLeadElsewhere, let real = resolved(Array(path)) else { return [] }
    return real.withUnsafeBufferPointer { walk($0).victims }
  }

  /// Which folders that many rows share are links; each is looked at once.
  private struct FolderLinks {
    let root: [UInt8]
    private var known: [UInt64: Bool] = [:]

    init(root: [UInt8]) { self.root = root }

    /// - Parameters:
    ///   - digest: that of the path.
    ///   - path: below the root.
    mutating func isLink(_ digest: UInt64, _ path: some Sequence<UInt8>) -> Bool {
      if let known = known[digest] { return known }
      let full = root + [UInt8(ascii: "/")] + path
      let isLink =
        !full.contains(0) && FileStatus(unfollowed: FilePath(bytes: full))?.isLink == true
      known[digest] = isLink
      return isLink
    }
  }

  private static func hasTwoDots(_ path: UnsafeRawBufferPointer) -> Bool {
    let dot = UInt8(ascii: ".")
    var place = 0
    while place < path.count, let start = path.baseAddress,
      let found = memchr(start + place, CInt(dot), path.count - place)
    {
      place = UnsafeRawPointer(found) - start + 1
      if place < path.count, path[place] == dot { return true }
    }
    return false
  }

  /// Below the real root; `nil` where it leads elsewhere, or nowhere.
  private func resolved(_ path: [UInt8]) -> [UInt8]? {
    guard !path.contains(0), !path.isEmpty else { return nil }
    let isAbsolute = path.first == UInt8(ascii: "/")
    let full = FilePath(bytes: isAbsolute ? path : root + [UInt8(ascii: "/")] + path)
    let real =
      full.real
      ?? full.parent?.real.flatMap { above in full.lastComponent.map { above.appending($0) } }
    guard let found = real.map(CacheGround.bytes(of:)), found.starts(with: realRoot),
      found.dropFirst(realRoot.count).first == UInt8(ascii: "/")
    else { return nil }
    return Array(found.dropFirst(realRoot.count + 1))
  }

  /// The victims whose files have to stay, each with the row that needs them. Pure.
  static func staying(
    _ pairs: [Pair], going: Set<CollectionRun.Key>
  ) -> [CollectionRun.Key: CollectionRun.Key] {
    var going = going
    var staying: [CollectionRun.Key: CollectionRun.Key] = [:]
    var isChanged = true
    while isChanged {
      isChanged = false
      for pair in pairs where going.contains(pair.victim) && !going.contains(pair.other) {
        going.remove(pair.victim)
        staying[pair.victim] = pair.other
        isChanged = true
      }
    }
    return staying
  }
}
