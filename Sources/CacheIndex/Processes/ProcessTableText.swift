/// The fields of /proc/PID/stat that matter here.
package struct ProcessStat: Sendable, Hashable {
  package var name: String
  package var state: Character
  package var parent: Int64
  package var session: Int64
  package var flags: UInt64
  var threadCount: Int64
  /// Ticks since boot.
  var startTicks: UInt64

  /// Reads a line; `nil` where it has not the kernel's form.
  ///
  /// The name stands in brackets and may itself hold brackets and spaces, so the numbers are counted
  /// from the last closing one.
  package init?(_ bytes: [UInt8]) {
    guard let open = bytes.firstIndex(of: UInt8(ascii: "(")),
      let close = bytes.lastIndex(of: UInt8(ascii: ")")), open < close
    else { return nil }
    // Field 3 of the manual, the state, is number 0 here.
    let fields = bytes[(close + 1)...].split(whereSeparator: isBlank)
    guard fields.count > 19, let state = fields[0].first, let parent = integer(fields[1]),
      let session = integer(fields[3]), let flags = UInt64(text(fields[6])),
      let threads = integer(fields[17]), let start = UInt64(text(fields[19]))
    else { return nil }
    name = text(bytes[(open + 1)..<close])
    self.state = Character(Unicode.Scalar(state))
    self.parent = parent
    self.session = session
    self.flags = flags
    threadCount = threads
    startTicks = start
  }

  /// PF_KTHREAD of the kernel.
  var isKernelThread: Bool { flags & 0x0020_0000 != 0 }
}

/// The fields of /proc/PID/status that matter here.
package struct ProcessStatus: Sendable, Hashable {
  var threadGroup: Int64?
  package var uid: UInt32?
  var namespacePIDs: [Int64] = []

  /// Stops at `NSpid`, the last of the three: the table of a whole host is read this way.
  package init(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty, namespacePIDs.isEmpty {
      let line = rest.prefix { $0 != UInt8(ascii: "\n") }
      rest = rest.dropFirst(line.count + 1)
      if let values = Self.values(of: "Tgid:", in: line) {
        threadGroup = values.first.flatMap(integer)
      } else if let values = Self.values(of: "Uid:", in: line) {
        uid = values.first.flatMap { UInt32(text($0)) }
      } else if let values = Self.values(of: "NSpid:", in: line) {
        namespacePIDs = values.compactMap(integer)
      }
    }
  }

  private static func values(
    of key: StaticString, in line: ArraySlice<UInt8>
  ) -> [ArraySlice<UInt8>]? {
    let isKey = key.withUTF8Buffer { line.starts(with: $0) }
    return isKey ? line.dropFirst(key.utf8CodeUnitCount).split(whereSeparator: isBlank) : nil
  }
}

/// The arguments in /proc/PID/cmdline, which a process may have overwritten with anything.
package func processArguments(_ bytes: [UInt8]) -> [String] {
  var parts = bytes.split(separator: 0, omittingEmptySubsequences: false)
  while parts.last?.isEmpty == true { parts.removeLast() }
  return parts.map(text)
}

/// The files in /proc/PID/maps, each once: a file stays in use that was mapped and closed.
func mappedFiles(_ bytes: [UInt8]) -> [[UInt8]] {
  var found: Set<[UInt8]> = []
  for line in bytes.split(separator: UInt8(ascii: "\n")) {
    guard let start = line.firstIndex(of: UInt8(ascii: "/")) else { continue }
    found.insert(Array(line[start...]))
  }
  return Array(found)
}

/// Seconds since the epoch at which the host booted, from /proc/stat.
package func bootTime(_ bytes: [UInt8]) -> Double? {
  for line in bytes.split(separator: UInt8(ascii: "\n")) where line.starts(with: "btime ".utf8) {
    return integer(line.dropFirst(6)).map { Double($0) }
  }
  return nil
}

/// True where the mount of /proc in /proc/self/mountinfo hides processes of other users.
package func hidesProcesses(_ mountinfo: [UInt8]) -> Bool {
  for line in mountinfo.split(separator: UInt8(ascii: "\n")) {
    let fields = line.split(whereSeparator: isBlank).map(text)
    guard fields.count > 4, fields[4] == "/proc" else { continue }
    let options = (fields.last ?? "").split(separator: ",").filter { $0.hasPrefix("hidepid=") }
    if options.contains(where: { $0 != "hidepid=0" && $0 != "hidepid=off" }) { return true }
  }
  return false
}

/// A readable form of untrusted bytes.
package func text(_ bytes: some Collection<UInt8>) -> String {
  RawText(bytes: Array(bytes)).readable
}

package func integer(_ bytes: some Collection<UInt8>) -> Int64? {
  Int64(text(bytes))
}

private func isBlank(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
}
