import CPlatform
import Glibc
package import SystemPackage

/// Folders in which names that differ in case only, or in how their letters are composed, are one name.
package enum NameFolding {
  /// Whether a folder is such a one; where it does not exist yet, it takes that from the one above. Told
  /// without writing: by the folder's flag, by a name that answers to another spelling, by the kind.
  package static func folds(_ folder: FilePath) -> Bool {
    var place = folder
    while FileIdentity(path: place) == nil, let parent = place.parent { place = parent }
    if place.withPlatformString({ cplatform_folds_case($0) }) == 1 { return true }
    return probe(place.real ?? place) ?? kinds.contains(FileSystemKind.of(place).name)
  }

  /// What two names have in common where they are one.
  package static func key(_ name: String) -> String { name.uppercased().lowercased() }

  private static let kinds: Set<String> = [
    "vfat", "exfat", "hfs", "hfsplus", "ntfs3", "cifs", "smb2",
  ]

  /// The folder's own name, or that of one above on the same mount, in other letters; `nil` where none has
  /// any.
  private static func probe(_ folder: FilePath) -> Bool? {
    guard let start = FileStamp(folder) else { return nil }
    var place = folder
    while let name = place.lastComponent, let parent = place.parent,
      FileStamp(parent)?.mount == start.mount
    {
      if let other = swapped(name.string) {
        guard let twin = FileIdentity(path: parent.appending(other)) else { return false }
        // FUSE gives each spelling a number of its own: then the folder's list tells.
        return twin == FileIdentity(path: place) || !lists(parent, other)
      }
      place = parent
    }
    return nil
  }

  private static func lists(_ folder: FilePath, _ name: FilePath.Component) -> Bool {
    guard let stream = folder.withPlatformString({ openStream($0) }) else { return true }
    defer { closedir(stream) }
    while let entry = nextEntry(stream) {
      let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
      let bytes = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
      if String(cString: bytes) == name.string { return true }
    }
    return false
  }

  /// The name with the case of its letters turned around; `nil` where that is the same, or no name.
  private static func swapped(_ name: String) -> FilePath.Component? {
    let upper = name.uppercased()
    let other = upper == name ? name.lowercased() : upper
    return other == name ? nil : FilePath.Component(other)
  }
}
