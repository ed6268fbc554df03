/// The TCP sockets that wait for connections on this host's loopback, as /proc lists them.
package struct ListeningSockets {
  struct Socket: Hashable {
    var port: UInt16
    var uid: UInt32
    var inode: UInt64
  }

  private let tree: ProcTree
  private let all: [Socket]

  package init(_ tree: ProcTree) {
    self.tree = tree
    let bytes = (try? tree.readLong("net/tcp").get()) ?? []
    all = bytes.split(separator: UInt8(ascii: "\n")).dropFirst().compactMap(Self.parse)
  }

  /// The port that a process proves to be its own. Where its descriptors cannot be read it is enough that
  /// the socket at the port which its files name belongs to its user.
  package func port(of process: ProcessFacts, written: UInt16?) -> UInt16? {
    guard let inodes = sockets(of: process.pid) else {
      return all.contains { $0.port == written && $0.uid == process.uid } ? written : nil
    }
    let own = Set(all.filter { inodes.contains($0.inode) }.map(\.port))
    if let written, own.contains(written) { return written }
    return own.count == 1 ? own.first : nil
  }

  /// The inodes of a process's sockets; `nil` where we may not look.
  private func sockets(of pid: Int64) -> Set<UInt64>? {
    let found = tree.withFolder("\(pid)/fd") { folder -> Set<UInt64>? in
      let names = folder.names(limit: CacheFiles.descriptorLimit).names
      let links = names.compactMap { try? folder.link($0).get() }
      guard names.isEmpty || !links.isEmpty else { return nil }
      return Set(links.compactMap(Self.inode))
    }
    return (try? found.get()).flatMap { $0 }
  }

  private static func inode(_ link: [UInt8]) -> UInt64? {
    let text = String(decoding: link, as: UTF8.self)
    guard text.hasPrefix("socket:["), text.hasSuffix("]") else { return nil }
    return UInt64(text.dropFirst(8).dropLast())
  }

  /// `0: 0100007F:6B2C 00000000:0000 0A … uid timeout inode`; 0A is the state of listening.
  private static func parse(_ line: ArraySlice<UInt8>) -> Socket? {
    let fields = String(decoding: line, as: UTF8.self).split(separator: " ")
    guard fields.count > 9, fields[3] == "0A", let uid = UInt32(fields[7]),
      let inode = UInt64(fields[9])
    else { return nil }
    let parts = fields[1].split(separator: ":")
    // 127.0.0.1 in the byte order of either kind of host, or any address.
    guard parts.count == 2, ["0100007F", "7F000001", "00000000"].contains(parts[0]),
      let port = UInt16(parts[1], radix: 16)
    else { return nil }
    return Socket(port: port, uid: uid, inode: inode)
  }
}
