import Glibc
import Synchronization
import SystemPackage

/// Other names of a cache's root, as absolute paths of its rows begin with them.
package enum RootAliases {
  private struct Question: Hashable {
    var root: [UInt8]
    var prefix: [UInt8]
  }

  /// A row may name any folder: so many answers are kept, and no more questions are asked.
  private static let most = 256
  private static let answers = Mutex<[Question: Bool]>([:])

  /// The name under which an absolute path goes through the root; `nil` where it does not, or by the root's
  /// own name.
  package static func alias(of root: [UInt8], in path: [UInt8]) -> [UInt8]? {
    // No call of the system takes a longer one, and any row may hold it.
    guard path.first == UInt8(ascii: "/"), path.count < PATH_MAX, let prefix = prefix(of: path),
      prefix != root, !prefix.contains(0)
    else {
      return nil
    }
    let question = Question(root: root, prefix: prefix)
    let known = answers.withLock { answers in
      answers[question] ?? (answers.count < most ? nil : false)
    }
    let isRoot = known ?? PathIdentity.isSame(FilePath(bytes: prefix), FilePath(bytes: root))
    if known == nil { answers.withLock { $0[question] = isRoot } }
    return isRoot ? prefix : nil
  }

  /// What stands before the folder of a phase.
  private static func prefix(of path: [UInt8]) -> [UInt8]? {
    let parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let place = parts.lastIndex {
      $0.elementsEqual("archives".utf8) || $0.elementsEqual("installed".utf8)
    }
    guard let place, place > 1 else { return nil }
    return Array(parts[..<place].joined(separator: [UInt8(ascii: "/")]))
  }
}
