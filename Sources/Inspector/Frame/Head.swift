internal import CacheKit
internal import TUI

extension House {
  func drawHeader(_ rect: Rect, frame: inout Frame) {
    let root = Format.text(facts?.root ?? "")
    let forms: [HeaderForm] =
      rect.width >= 120 ? [.whole, .noSize, .shortDaemon] : [.narrow]
    // The root is what the rest is about: it keeps room before anything beside it is long.
    let fitting = forms.map { headerParts($0) }
      .first { headWidth($0) + min(Width.of(root), 24) + 17 <= rect.width }
    let parts = fitting ?? headerParts(forms.last ?? .narrow)
    var x = rect.width - headWidth(parts) - 1
    let name = frame.put("cachescope", x: 1, y: rect.y, style: .strong)
    frame.put(
      TextCut.middle(root, to: max(0, x - name - 4), glyphs: glyphs), x: name + 3, y: rect.y)
    for (text, role) in parts {
      x += frame.put(text, x: x, y: rect.y, style: Style(role)) + 2
    }
  }

  /// How much the header says, the most first; each one says less than the one before. A narrow
  /// screen has no room for the reason of read-only, all others have it.
  private enum HeaderForm: Int { case whole, noSize, shortDaemon, narrow }

  private func headWidth(_ parts: [(String, Role)]) -> Int {
    parts.reduce(-2) { $0 + Width.of($1.0) + 2 }
  }

  /// What the header says of the cache, from left to right.
  private func headerParts(_ form: HeaderForm) -> [(String, Role)] {
    let isWide = form != .narrow
    var parts: [(String, Role)] = []
    if let snapshot = facts?.snapshot {
      parts.append((Format.text(snapshot), .warn))
    } else if let reason = readOnlyReason {
      parts.append(("RO", .warn))
      if isWide { parts.append((Format.text(reason), .warn)) }
    } else {
      parts.append(("RW", .dim))
    }
    switch facts?.source {
    case .copy:
      let ignored = facts?.ignoredFrames ?? 0
      parts.append(("private copy", .warn))
      if ignored > 0 { parts.append(("\(ignored) WAL frames ignored", .warn)) }
    case .immutable: if isWide { parts.append(("no writer active", .dim)) }
    case .live, nil: break
    }
    if let daemon = facts?.daemon {
      parts.append((daemon.words(isLong: form.rawValue < HeaderForm.shortDaemon.rawValue), .dim))
    }
    if let status = migrationFacts?.status { parts.append(schema(status)) }
    if form == .whole, let facts {
      let wal = facts.walBytes.map { ", WAL \(Format.size($0))" } ?? ""
      parts.append(("index \(Format.size(facts.indexBytes))\(wal)", .dim))
    }
    if settings.usesUTC, isWide { parts.append(("UTC", .dim)) }
    // What was recorded never changes.
    let isFollowing = facts?.snapshot == nil && size.columns >= 80
    if isPaused || isFollowing { parts.append(following(isWide: isWide)) }
    return parts
  }

  /// How soon the screen shows what others do.
  private func following(isWide: Bool) -> (String, Role) {
    if isPaused { return ("paused", .warn) }
    let words = isWide ? "auto 2s" : "2s"
    return (glyphs.reload.isEmpty ? words : "\(words) \(glyphs.reload)", .dim)
  }

  private func schema(_ status: MigrationStatus) -> (String, Role) {
    let applied = status.items.count { !$0.state.needsAttention }
    let isCurrent = applied == status.items.count
    return (
      "schema \(applied)/\(status.items.count)" + (isCurrent ? "" : "!"), isCurrent ? .dim : .warn
    )
  }
}

extension DaemonState {
  /// `daemon up, pid 60021, port 51822`, or only `daemon up`.
  fileprivate func words(isLong: Bool) -> String {
    switch self {
    case .down: return "daemon down"
    case .up(let pid, let port):
      let number = port.map { ", port \($0)" } ?? ""
      return isLong ? "daemon up, pid \(pid)\(number)" : "daemon up"
    }
  }
}
