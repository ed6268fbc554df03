/// The hosts of `no_proxy`, read as libcurl reads them; for messages, since libcurl decides by itself.
struct ProxyBypass: Sendable {
  private let coversAll: Bool
  private let names: [String]
  private let networks: [(bits: UInt32, mask: UInt32)]

  init(_ list: String) {
    let entries = list.split { $0 == "," || $0 == " " || $0 == "\t" }.map { $0.asciiLowercased }
    coversAll = entries == ["*"]
    names = entries.map { entry in
      let bare = entry.hasPrefix(".") ? String(entry.dropFirst()) : entry
      return bare.hasSuffix(".") ? String(bare.dropLast()) : bare
    }
    networks = entries.compactMap(Self.network)
  }

  /// A name covers its subdomains, an address only itself or, with `/n`, its network.
  func covers(_ host: String) -> Bool {
    let host = host.asciiLowercased
    if coversAll || names.contains(host) { return true }
    if let address = Self.address(host) {
      return networks.contains { address & $0.mask == $0.bits }
    }
    return names.contains { !$0.isEmpty && host.hasSuffix(".\($0)") }
  }

  private static func network(_ entry: String) -> (bits: UInt32, mask: UInt32)? {
    let sides = entry.split(separator: "/")
    guard sides.count == 2, let address = address(String(sides[0])), let bits = Int(sides[1]),
      (0...32).contains(bits)
    else { return nil }
    let mask = bits == 0 ? 0 : UInt32.max << UInt32(32 - bits)
    return (address & mask, mask)
  }

  private static func address(_ text: String) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    guard parts.count == 4, !parts.contains(nil) else { return nil }
    return parts.reduce(0) { $0 << 8 | UInt32($1 ?? 0) }
  }
}
