import CPlatform
import Glibc
import SystemPackage

/// What the paths that a process names mean: in a container, and behind chroot(2), other places than here.
struct ProcessView {
  private let folder: FilePath
  /// True where they mean the same as here.
  let isOurs: Bool

  init(_ pid: Int64, _ tree: ProcTree) {
    folder = tree.path.appending("\(pid)")
    let own = try? tree.link("self/ns/mnt").get()
    let root = try? tree.link("\(pid)/root").get()
    // A kernel without namespaces, and a fixture without roots, have no links.
    let isSameRoot = root.map { $0 == Array("/".utf8) } ?? true
    switch tree.link("\(pid)/ns/mnt") {
    case .success(let namespace): isOurs = (own == nil || namespace == own) && isSameRoot
    case .failure(.absent): isOurs = isSameRoot
    case .failure(.denied): isOurs = false
    }
  }

  /// How it is reached from here; `nil` where that cannot be told, or would hold us.
  func path(_ named: FilePath) -> FilePath? {
    if isOurs, !MountPulse.answers(named) { return nil }
    if named.isAbsolute {
      return isOurs ? named : folder.appending("root").pushing(relative(named))
    }
    guard isOurs else { return folder.appending("cwd").pushing(named) }
    let work = try? ProcTree(folder).link("cwd").get()
    return work.map { FilePath(bytes: $0).pushing(named) }
  }

  /// What it is here, too; `nil` where the same path is another place, or that cannot be told.
  func shared(_ named: FilePath) -> FilePath? {
    if isOurs { return path(named) }
    return named.isAbsolute && isSame(named, as: named) == true ? named : nil
  }

  /// Whether it is a folder of ours; `nil` where that cannot be told.
  func isSame(_ named: FilePath, as here: FilePath) -> Bool? {
    if isOurs { return path(named)?.isSameFolder(as: here) }
    guard let there = identity(named), let here = FileStatus(followed: here) else { return nil }
    return there == here.identity
  }

  /// Links in it lead to where they lead for the process.
  private func identity(_ named: FilePath) -> FileIdentity? {
    guard named.isAbsolute else {
      return path(named).flatMap { FileStatus(followed: $0) }?.identity
    }
    let held = folder.appending("root").withPlatformString { root in
      named.withPlatformString { cplatform_hold_within(root, $0) }
    }
    guard held >= 0 else { return nil }
    defer { close(held) }
    return FileStatus(descriptor: held)?.identity
  }

  private func relative(_ named: FilePath) -> FilePath {
    var path = named
    path.root = nil
    return path
  }
}
