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
    guard path.first == UInt8(ascii: "/"), path.count < PATH_MAX else { return nil }
    return prefixes(of: path).first { prefix in
      prefix != root && !prefix.contains(0) && isRoot(Question(root: root, prefix: prefix))
    }
  }

  private static func isRoot(_ question: Question) -> Bool {
    let known = answers.withLock { answers in
      answers[question] ?? (answers.count < most ? nil : false)
    }
    if let known { return known }
    let found = PathIdentity.isSame(
      FilePath(bytes: question.prefix), FilePath(bytes: question.root))
    answers.withLock { $0[question] = found }
    return found
  }

  /// The folders that a root holds.
  private static let folders: Set<[UInt8]> = Set(
    (["archives", "installed"] + EntryKind.allCases.map(\.rawValue)).map { Array($0.utf8) })
  private static let longest = folders.map(\.count).max() ?? 0

  /// What stands before such a folder, the longest first: a package may hold another of that name.
  private static func prefixes(of path: [UInt8]) -> [[UInt8]] {
    let slash = UInt8(ascii: "/")
    var found: [[UInt8]] = []
    var start = 1
    for end in path.indices.dropFirst() where path[end] == slash {
      if start > 1, end - start <= longest, folders.contains(Array(path[start..<end])) {
        found.append(Array(path[..<(start - 1)]))
      }
      start = end + 1
    }
    return found.reversed()
  }
}
