package import Glibc

// Calls on names, rights and folders. A file system that a server or a program serves may let a signal interrupt
// them, so each is made again; `Scripts/calls` finds those that are made elsewhere.

/// mkdir(2).
package func makeDirectory(_ path: UnsafePointer<CChar>, _ mode: UInt32) -> CInt {
  uninterrupted { mkdir(path, mode) }
}

/// mkdirat(2).
@discardableResult
package func makeDirectory(
  in folder: CInt, _ name: UnsafePointer<CChar>, _ mode: UInt32
) -> CInt {
  uninterrupted { mkdirat(folder, name, mode) }
}

/// unlink(2).
@discardableResult
package func unlinkPath(_ path: UnsafePointer<CChar>) -> CInt {
  uninterrupted { unlink(path) }
}

/// unlinkat(2).
@discardableResult
package func unlinkPath(
  in folder: CInt, _ name: UnsafePointer<CChar>, _ flags: CInt
) -> CInt {
  uninterrupted { unlinkat(folder, name, flags) }
}

/// rmdir(2).
@discardableResult
package func removeDirectory(_ path: UnsafePointer<CChar>) -> CInt {
  uninterrupted { rmdir(path) }
}

/// rename(2).
package func renamePath(_ old: UnsafePointer<CChar>, _ new: UnsafePointer<CChar>) -> CInt {
  uninterrupted { rename(old, new) }
}

/// renameat(2).
package func renamePath(
  in folder: CInt, _ old: UnsafePointer<CChar>, to target: CInt, _ new: UnsafePointer<CChar>
) -> CInt {
  uninterrupted { renameat(folder, old, target, new) }
}

/// link(2).
package func linkPath(_ old: UnsafePointer<CChar>, _ new: UnsafePointer<CChar>) -> CInt {
  uninterrupted { link(old, new) }
}

/// linkat(2), of a link itself.
package func linkPath(
  in folder: CInt, _ old: UnsafePointer<CChar>, to target: CInt, _ new: UnsafePointer<CChar>
) -> CInt {
  uninterrupted { linkat(folder, old, target, new, 0) }
}

/// symlink(2).
package func linkSymbolically(
  to text: UnsafePointer<CChar>, _ path: UnsafePointer<CChar>
) -> CInt {
  uninterrupted { symlink(text, path) }
}

/// symlinkat(2).
package func linkSymbolically(
  to text: UnsafePointer<CChar>, in folder: CInt, _ name: UnsafePointer<CChar>
) -> CInt {
  uninterrupted { symlinkat(text, folder, name) }
}

/// fchmod(2).
@discardableResult
package func changeMode(_ descriptor: CInt, _ mode: UInt32) -> CInt {
  uninterrupted { fchmod(descriptor, mode) }
}

/// fchown(2).
package func changeOwner(_ descriptor: CInt, _ owner: uid_t, _ group: gid_t) -> CInt {
  uninterrupted { fchown(descriptor, owner, group) }
}

/// flock(2).
package func lockDescriptor(_ descriptor: CInt, _ operation: CInt) -> CInt {
  uninterrupted { flock(descriptor, operation) }
}

/// fdatasync(2).
package func syncData(_ descriptor: CInt) -> CInt { uninterrupted { fdatasync(descriptor) } }

/// stat(2), or lstat(2) where a link is not followed.
package func statPath(
  _ path: UnsafePointer<CChar>, _ info: inout stat, follows: Bool = true
) -> CInt {
  uninterrupted { follows ? stat(path, &info) : lstat(path, &info) }
}

/// fstat(2).
package func statDescriptor(_ descriptor: CInt, _ info: inout stat) -> CInt {
  uninterrupted { fstat(descriptor, &info) }
}

/// fstatat(2), of a link itself.
package func statName(
  in folder: CInt, _ name: UnsafePointer<CChar>, _ info: inout stat
) -> CInt {
  uninterrupted { fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) }
}

/// faccessat(2), with the rights that this thread has on files.
package func checkAccess(_ path: UnsafePointer<CChar>, _ mode: CInt) -> CInt {
  uninterrupted { faccessat(AT_FDCWD, path, mode, AT_EACCESS) }
}

/// opendir(3).
package func openStream(_ folder: UnsafePointer<CChar>) -> OpaquePointer? {
  while true {
    let stream = opendir(folder)
    if stream != nil || errno != EINTR { return stream }
  }
}

/// readdir(3); `nil` at the end with an `errno` of 0, and where the folder cannot be read on.
package func nextEntry(_ stream: OpaquePointer) -> UnsafeMutablePointer<dirent>? {
  while true {
    errno = 0
    let entry = readdir(stream)
    if entry != nil || errno != EINTR { return entry }
  }
}
