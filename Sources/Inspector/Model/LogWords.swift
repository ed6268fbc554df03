package import CacheKit
package import TUI

/// An event of the log in words, the same ones on the screen and on the command line; safe to show.
extension LeaseEvent {
  /// What happened, in one word of at most 7 cells, and how it looks.
  package var word: (text: String, role: Role) {
    switch kind {
    case .held, .lockHeld: ("held", .dim)
    case .came, .lockCame: ("came", .ok)
    case .went, .lockWent: ("went", cause == .reaped || cause == .evicted ? .warn : .text)
    case .changed: ("changed", .text)
    case .holderGone, .lockOwnerGone: ("DEAD", .bad)
    case .taken: ("taken", .warn)
    case .indexReplaced: ("index", .warn)
    case .unreadable: ("error", .bad)
    case .readable: ("ok", .ok)
    }
  }

  /// What it happened to: a lease by its full name, a lock by its package.
  package var subject: String {
    if let lease { return "lease \(lease.lease.id)" }
    if let lock { return "install lock \(Format.text(lock.packageName))" }
    if let entryID, let phase { return "\(phase.rawValue) of #\(entryID)" }
    return "the index"
  }

  /// Everything else: who, for how long, why, and what of it.
  package var words: String {
    switch kind {
    case .unreadable: Format.text(message ?? "cannot be read")
    case .readable: "can be read again"
    case .indexReplaced: "another file has taken its place"
    case .taken: [entryName, sizeWords, causeWords].filter { !$0.isEmpty }.joined(separator: ", ")
    case .lockHeld, .lockCame, .lockWent, .lockOwnerGone: lockWords
    case .held, .came, .went, .changed, .holderGone: leaseWords
    }
  }

  private var leaseWords: String {
    let holder = lease?.judgement.holder.map { Format.text($0.name) }
    let count = kind == .changed ? "now \(lease?.lease.refcount.map(String.init) ?? "-") holds" : ""
    let state =
      kind == .went || kind == .holderGone
      ? "" : lease.map { $0.judgement.verdict.rawValue.uppercased() } ?? ""
    return [holder ?? "", entryName, sizeWords, state, count, heldWords, causeWords]
      .filter { !$0.isEmpty }.joined(separator: ", ")
  }

  private var lockWords: String {
    let pid = lock?.owner?.pid.map { "owner \($0)" } ?? "owner not named"
    let verdict = kind == .lockWent ? "" : lockVerdict?.word ?? ""
    return [pid, verdict, heldWords].filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// The entry's name; nothing where none is known.
  package var entryName: String {
    guard name.count == 3 else { return lease == nil ? "" : "its entry is gone" }
    return Format.name(kind: name[0], stem: name[1], version: name[2])
  }

  private var sizeWords: String { bytes.map { Format.size($0) } ?? "" }
  private var heldWords: String { held.map { "held for \(Format.span($0))" } ?? "" }

  private var causeWords: String {
    switch cause {
    case .released: "released"
    case .reaped: "its holder was gone: reaped by a GC, or removed by another program"
    case .evicted: "its entry was evicted"
    case .cachescope: "by cachescope"
    case .others: "by a GC of fbuild, or another program"
    case .rowGone: "its row is gone, its files are still there: no GC"
    case nil: ""
    }
  }
}
