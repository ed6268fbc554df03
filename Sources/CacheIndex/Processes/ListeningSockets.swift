/// The TCP sockets that wait for connections on this host's loopback, and those that are connected to one, as
/// /proc lists them.
package struct ListeningSockets {
  struct Socket: Hashable {
    var port: UInt16
    var uid: UInt32
    var inode: UInt64
  }

  private let tree: ProcTree
  private let all: [Socket]
  /// The inodes of the clients' ends, by the port of the other end.
  private let clients: [UInt16: Set<UInt64>]

  package init(_ tree: ProcTree) {
    self.tree = tree
    let bytes = (try? tree.readLong("net/tcp").get()) ?? []
    let lines = bytes.split(separator: UInt8(ascii: "\n")).dropFirst().map(Self.fields)
    all = lines.compactMap(Self.listening)
    clients = lines.compactMap(Self.connected).reduce(into: [:]) { found, end in
      found[end.port, default: []].insert(end.inode)
    }
  }

  /// True where a process has a connection to the port open, at which another one listens.
  package func isConnected(_ pid: Int64, to port: UInt16) -> Bool {
    guard let ends = clients[port], let own = sockets(of: pid) else { return false }
    return !own.isDisjoint(with: ends)
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

  /// `0: 0100007F:6B2C 00000000:0000 0A … uid timeout inode`; 0A is the state of listening, 01 of a connection.
  private static func fields(_ line: ArraySlice<UInt8>) -> [Substring] {
    String(decoding: line, as: UTF8.self).split(separator: " ")
  }

  private static func listening(_ fields: [Substring]) -> Socket? {
    guard fields.count > 9, fields[3] == "0A", let uid = UInt32(fields[7]),
      let inode = UInt64(fields[9]), let port = loopbackPort(fields[1])
    else { return nil }
    return Socket(port: port, uid: uid, inode: inode)
  }

  private static func connected(_ fields: [Substring]) -> (port: UInt16, inode: UInt64)? {
    guard fields.count > 9, fields[3] == "01", let inode = UInt64(fields[9]),
      let port = loopbackPort(fields[2])
    else { return nil }
    return (port, inode)
  }

  /// 127.0.0.1 in the byte order of either kind of host, or any address.
  private static func loopbackPort(_ address: Substring) -> UInt16? {
    let parts = address.split(separator: ":")
    guard parts.count == 2, ["0100007F", "7F000001", "00000000"].contains(parts[0]) else {
      return nil
    }
    return UInt16(parts[1], radix: 16)
  }
}
