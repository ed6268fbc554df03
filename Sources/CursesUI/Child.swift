internal import CTerminal
internal import Glibc

/// Runs a program in the foreground with an argument list, never through a shell.
enum Child {
  /// The exit code, 128 + n for a signal, a negative errno where it could not be started.
  static func run(_ arguments: [String], directory: String?) -> Int32 {
    guard !arguments.isEmpty else { return -ENOENT }
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeBufferPointer { list in
      if let directory {
        return directory.withCString { ct_run(list.baseAddress, $0) }
      }
      return ct_run(list.baseAddress, nil)
    }
  }
}
