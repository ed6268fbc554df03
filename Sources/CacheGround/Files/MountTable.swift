import CPlatform
import Glibc
package import SystemPackage

/// One mount, as the kernel tells of it: a line of `/proc/self/mountinfo`.
package struct MountedPlace: Sendable, Hashable {
  package var number: UInt64
  /// Major and minor number of the file system's device, as text.
  package var device = ""
  /// The folder of that file system which stands at `point`.
  package var root: FilePath = "/"
  package var point: FilePath
  /// `ext4`, `fuse.sshfs`.
  package var type: String
  /// A device, a folder, an address, or any word.
  package var source: FilePath
}

/// The mounts that this process sees.
package enum MountTable {
  private static let limit = 64 << 20

  package static func read() -> [MountedPlace] {
    let text = try? SmallFile.read("/proc/self/mountinfo", limit: limit)
    return text.map(parse) ?? []
  }

  /// Pure; what is no line of the kernel's is left out.
  package static func parse(_ table: [UInt8]) -> [MountedPlace] {
    table.split(separator: UInt8(ascii: "\n")).compactMap { line in
      let fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      guard fields.count > 6, let number = UInt64(String(decoding: fields[0], as: UTF8.self)),
        let dash = fields[6...].firstIndex(where: { $0.elementsEqual("-".utf8) }),
        fields.count > dash + 2
      else { return nil }
      return MountedPlace(
        number: number, device: String(decoding: fields[2], as: UTF8.self),
        root: path(fields[3]), point: path(fields[4]),
        type: String(decoding: unescaped(fields[dash + 1]), as: UTF8.self),
        source: path(fields[dash + 2]))
    }
  }

  /// The mount that holds a path, which need not exist; `nil` where the table does not show it.
  package static func mount(of path: FilePath) -> MountedPlace? {
    var place = path
    while FileIdentity(path: place) == nil, let parent = place.parent { place = parent }
    let mounts = read()
    let number = place.withPlatformString { cplatform_mount_number($0) }
    if number != 0, let found = mounts.last(where: { $0.number == number }) { return found }
    guard let real = place.real else { return nil }
    // Of two at one point the later one covers the other.
    return mounts.filter { real.starts(with: $0.point) }.enumerated().max {
      ($0.element.point.components.count, $0.offset)
        < ($1.element.point.components.count, $1.offset)
    }?.element
  }

  private static func path(_ field: ArraySlice<UInt8>) -> FilePath {
    FilePath(bytes: unescaped(field))
  }

  /// A blank, a tab, a newline and a backslash stand as `\ooo`.
  private static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var rest = field
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      guard byte == UInt8(ascii: "\\"), digits.count == 3,
        digits.allSatisfy({ (0x30...0x37).contains($0) })
      else {
        result.append(byte)
        continue
      }
      result.append(digits.reduce(0) { $0 << 3 | ($1 & 7) })
      rest = rest.dropFirst(3)
    }
    return result
  }
}
