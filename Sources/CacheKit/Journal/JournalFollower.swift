import Synchronization
import SystemPackage

/// Reads the journal once and from then on only what was added: a screen asks at each change of the
/// index, and a full journal has megabytes.
public final class JournalFollower: Sendable {
  private let journal: Journal
  private let cache: RawText
  private let state = Mutex(State())

  /// Gives the lines of one cache alone.
  public init(_ journal: Journal, of cache: RawText) {
    self.journal = journal
    self.cache = cache
  }

  /// More than the line of a usual change, which names its time to the nanosecond.
  private static let markSize = 4096

  private struct State {
    /// What the older file had when it was read, or was the newer one still.
    var older = Part()
    var newer = Part()
    /// Both together, as long as neither has more.
    var whole: JournalContents?
  }

  /// One file as far as it was read.
  private struct Part {
    var identity: FileIdentity?
    /// Behind the last line that was whole.
    var offset = 0
    /// The bytes before that place: another file may have got the same inode.
    var mark: [UInt8] = []
    var contents = JournalContents()
  }

  /// The journal as it is now; only what was added since is decoded.
  public func read() -> JournalContents {
    state.withLock { state in
      let newer = FileIdentity(path: journal.path)
      if let known = state.newer.identity, newer != known,
        FileIdentity(path: journal.olderPath) == known
      {
        // The file that was followed has become the older one.
        state.older = state.newer
        state.newer = Part()
        state.whole = nil
      }
      let isOld = follow(&state.older, journal.olderPath)
      if follow(&state.newer, journal.path) || isOld { state.whole = nil }
      if let whole = state.whole { return whole }
      var contents = state.older.contents
      contents.lines += state.newer.contents.lines
      contents.badLines += state.newer.contents.badLines
      contents.outcomes.merge(state.newer.contents.outcomes) { $0 == .done ? $0 : $1 }
      contents.settle()
      state.whole = contents
      return contents
    }
  }

  /// True where the part has become another one.
  private func follow(_ part: inout Part, _ path: FilePath) -> Bool {
    guard let file = JournalFile.Tail(path) else {
      let wasThere = part.identity != nil
      part = Part()
      return wasThere
    }
    var isNew = false
    let mark = file.bytes(from: part.offset - part.mark.count, to: part.offset)
    if file.identity != part.identity || file.size < part.offset || mark != part.mark {
      part = Part(identity: file.identity)
      isNew = true
    }
    guard file.size > part.offset else { return isNew }
    let bytes = file.bytes(from: part.offset, limit: max(journal.limit, Journal.readLimit))
    part.offset = file.size
    // A line that is being written is read the next time.
    guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else {
      part.offset -= bytes.count
      return isNew
    }
    part.offset -= bytes.count - end - 1
    part.mark = Array(bytes[...end].suffix(Self.markSize))
    part.contents.take(bytes[...end], of: cache)
    return true
  }
}
