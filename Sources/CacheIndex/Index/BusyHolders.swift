extension CacheError {
  /// A busy index with the processes that hold its lock now, as far as they can be seen.
  package func naming(lockHolders location: CacheLocation) -> CacheError {
    guard code == .busy else { return self }
    var processes = ProcessTable(cacheRoot: location.root)
    let holders = processes.indexLocks(root: location.root).phrases
    guard !holders.isEmpty else { return self }
    var error = self
    error.message += ": " + holders.joined(separator: ", ")
    return error
  }
}
