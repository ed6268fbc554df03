/// A process that has something below one of several folders open, runs a program there, or works there.
package struct PathUser: Sendable, Hashable {
  package let process: ProcessFacts
  /// What of it lies there, as it is called here.
  package let path: RawText
}

extension ProcessTable {
  /// The processes that use something below the folders, but for this one.
  ///
  /// `isComplete` is false where files of a process that runs could not be looked at.
  package mutating func users(
    below folders: [[UInt8]]
  ) -> (users: [PathUser], isComplete: Bool) {
    guard case .success(let pids) = reader.tree.processIDs() else { return ([], false) }
    let local = reader.files.views.folders(folders)
    func isBelow(_ path: [UInt8]) -> Bool { folders.contains { path.isAtOrBelow($0) } }
    var (users, isComplete) = ([PathUser](), true)
    for pid in pids.sorted() where pid != host.selfPID {
      guard let links = links(of: pid, local) else {
        if case .present(let facts) = probe(pid), !facts.isExited, !facts.isKernelThread {
          isComplete = false
        }
        continue
      }
      guard let path = links.first(where: isBelow), let facts = probe(pid).facts else { continue }
      users.append(PathUser(process: facts, path: RawText(bytes: path)))
    }
    return (users, isComplete)
  }

  /// Where its descriptors, its maps, its program and its working folder lead, as that is called here; `nil`
  /// where we may not look.
  private func links(of pid: Int64, _ local: LocalFolders) -> [[UInt8]]? {
    let views = reader.files.views
    let found = reader.tree.withFolder("\(pid)") { folder -> [[UInt8]]? in
      let view = views.view(of: folder)
      let own = ["cwd", "exe", "root"].compactMap { try? folder.link($0).get() }
      let maps = (try? folder.readLong("maps").get()).map(mappedFiles) ?? []
      let open = folder.withFolder("fd") { files in
        files.names(limit: CacheFiles.descriptorLimit).names.compactMap {
          try? files.link($0).get()
        }
      }
      guard case .success(let links) = open else { return nil }
      return (own + links + maps).compactMap { views.path($0, in: view, local) }
    }
    return (try? found.get()).flatMap(\.self)
  }
}
