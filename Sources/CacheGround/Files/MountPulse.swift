import CPlatform
import Glibc
import Logging
import Synchronization
package import SystemPackage

/// Whether the file system that holds a path answers: one of a dead server, or of a FUSE program that is stopped,
/// holds whoever looks at it until it goes on, and no signal ends that.
///
/// A child of ours asks for us. Paths of others alone are asked for: what a person named is waited for.
package enum MountPulse {
  private struct State {
    var points: [FilePath] = []
    var answers: [FilePath: Bool] = [:]
    var until = 0.0
  }

  private static let state = Mutex(State())
  /// Milliseconds in which any server answers that anybody would wait for.
  private static let patience: CInt = 1000
  /// Seconds for which an answer, and the table of mounts, count.
  private static let lifetime = 10.0

  /// False where the mount of the path, as its text says, gives no sign.
  package static func answers(_ path: FilePath) -> Bool {
    guard path.isAbsolute else { return true }
    let plain = path.lexicallyNormalized()
    return state.withLock { state in
      let now = Uptime.seconds()
      if now >= state.until {
        state = State(points: waitingPoints(), until: now + lifetime)
      }
      let holding = state.points.filter { plain.starts(with: $0) }
      guard let point = holding.max(by: { $0.length < $1.length }) else { return true }
      if let known = state.answers[point] { return known }
      // The kernel answers for what it has seen already; of this name it cannot know.
      let unknown = point.appending(".cachescope-\(UInt64.random(in: 0 ... .max))")
      let isAlive = unknown.withPlatformString { cplatform_answers($0, patience) } == 1
      state.answers[point] = isAlive
      if !isAlive { CacheLog.logger.warning("the file system at \(point) does not answer") }
      return isAlive
    }
  }

  private static func waitingPoints() -> [FilePath] {
    MountTable.read().filter { waits($0.type) }.map(\.point)
  }

  /// True for what is served by a program, or by another host.
  private static func waits(_ type: String) -> Bool {
    type.hasPrefix("fuse") || type.hasPrefix("nfs") || servers.contains(type)
  }

  private static let servers: Set<String> = [
    "9p", "afs", "beegfs", "ceph", "cifs", "coda", "gfs2", "glusterfs", "gpfs", "lustre", "ocfs2",
    "orangefs", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs",
  ]
}
