/// The names of entries end to end in one buffer: a list of many leases holds no string for each.
struct LeaseTexts: Sendable {
  private var bytes: [UInt8] = []
  private var starts: [Int] = []

  /// The first entries have all that is known of them; where there are more, only their names.
  private static let fullCount = 5000
  private static let absent: UInt32 = .max

  var count: Int { starts.count }
  /// Whether the next entry is kept with URL, path and hash.
  var keepsAll: Bool { starts.count < Self.fullCount }

  /// Begins the texts of the next entry; six of them follow.
  mutating func begin() { starts.append(bytes.count) }

  mutating func append(_ text: UnsafeBufferPointer<UInt8>?) {
    let count = text.map { UInt32(clamping: $0.count) } ?? Self.absent
    withUnsafeBytes(of: count) { bytes.append(contentsOf: $0) }
    if let text { bytes.append(contentsOf: text) }
  }

  /// The texts of an entry, in the order in which they were appended.
  func name(_ place: Int, bytes size: Int64) -> Lease.EntryName {
    var offset = starts[place]
    func next() -> RawText? {
      let count = bytes.withUnsafeBytes {
        $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
      }
      offset += 4
      guard count != Self.absent else { return nil }
      defer { offset += Int(count) }
      return RawText(bytes: Array(bytes[offset..<offset + Int(count)]))
    }
    var name = Lease.EntryName(kind: next(), stem: next(), version: next(), bytes: size)
    name.url = next()
    name.path = next()
    name.sha256 = next()
    return name
  }
}
