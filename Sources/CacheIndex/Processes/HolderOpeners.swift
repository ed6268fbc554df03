/// The processes that have the index open.
public struct IndexOpeners: Sendable, Hashable {
  /// The processes, this one included, by ascending id.
  public var processes: [ProcessFacts]
  /// False where descriptors of some process could not be read.
  public var isComplete: Bool

  /// The processes without this one.
  public func others(than pid: Int64) -> [ProcessFacts] {
    processes.filter { $0.pid != pid }
  }
}

extension ProcessTable {
  /// Looks through the descriptors of every process for the index and its companions.
  ///
  /// Files are compared by device and inode, so an opener in a container counts as well.
  public mutating func indexOpeners() -> IndexOpeners {
    guard case .success(let processes) = reader.tree.processIDs() else {
      return IndexOpeners(processes: [], isComplete: false)
    }
    var openers = IndexOpeners(processes: [], isComplete: true)
    for pid in processes.sorted() {
      switch reader.opensIndex(pid) {
      case true?: openers.processes += [probe(pid).facts].compactMap { $0 }
      case false?: continue
      case nil: openers.isComplete = false
      }
    }
    return openers
  }
}

extension ProcessTable {
  /// Whether a process has the index or a companion of it open; `nil` where unreadable.
  package func opensIndex(_ pid: Int64) -> Bool? { reader.opensIndex(pid) }
}

extension ProcessReader {
  /// Whether the process has the index or a companion of it open; `nil` where unreadable.
  package func opensIndex(_ pid: Int64) -> Bool? {
    switch tree.withFolder("\(pid)", { files.openIndexFiles(in: $0) }) {
    case .success(let answer): answer
    case .failure(.absent): false
    case .failure(.denied): nil
    }
  }
}
