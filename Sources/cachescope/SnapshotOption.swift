import ArgumentParser
import CacheKit
import Glibc
import SystemPackage

/// The option of the verbs that can look at a snapshot in place of a cache.
struct SnapshotOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Look at a snapshot, as `cachescope snapshot` writes it; - is standard input.",
      valueName: "file"))
  var from: PathArgument?

  /// Where the verb works on a snapshot; `nil` without the option.
  func context(_ options: GlobalOptions) throws -> ActionContext? {
    guard let from else { return nil }
    if from.path == "-", isatty(STDIN_FILENO) == 1 {
      throw ValidationError(
        "--from - reads a snapshot from a pipe, and standard input is a terminal")
    }
    guard options.cache == nil else {
      throw ValidationError("--from brings its own cache: leave --cache out")
    }
    let progress = SnapshotProgress()
    defer { progress.end() }
    let recorded = try RecordedCache.read(from.path) { progress.note($0, $1) }
    // Ages are counted to the moment of the snapshot.
    let now = options.now ?? recorded.origin.takenAt
    var context = ActionContext(
      location: recorded.location, options: OpenOptions(clock: .fixed(now)), isReadOnly: true)
    context.recorded = recorded
    return context
  }
}
