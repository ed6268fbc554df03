import Glibc
package import SystemPackage

/// The names in a folder, in no order; one that is not valid UTF-8 is none of ours and left out.
package enum FolderNames {
  package static func read(_ folder: FilePath) -> [String] {
    guard let stream = folder.withPlatformString({ opendir($0) }) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
      let start = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
      if let name = String(validatingCString: start) { names.append(name) }
    }
    return names
  }
}
