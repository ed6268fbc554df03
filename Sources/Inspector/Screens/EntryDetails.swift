internal import CacheKit
internal import TUI

extension Inspector {
  /// What the pane says about the entry under the cursor.
  func entryDetails() -> (title: String, lines: [DetailLine]) {
    guard let row = entries.selectedRow else {
      return (entries.table.selected.flatMap { heading($0) } ?? "entry", [])
    }
    let entry = row.entry
    // What every entry has stands first, at fixed places: moving the cursor repaints little.
    let lines =
      facts(of: row) + archiveLine(of: entry) + problems(of: entry) + places(of: entry)
      + holders(of: entry)
      + identity(of: entry)
    return ("entry #\(entry.id)", lines)
  }

  private func facts(of row: EntryRow) -> [DetailLine] {
    let entry = row.entry
    let lastUsed = Format.time(entry.lastUsedAt, utc: settings.usesUTC)
    return [
      .pair("installed", phase(entry.installedPath, entry.installedBytes, row.hasInstalled)),
      .pair("archive", phase(entry.archivePath, entry.archiveBytes, row.hasArchive)),
      .pair("last used", "\(lastUsed), \(uses(entry))"),
    ]
  }

  private func places(of entry: Entry) -> [DetailLine] {
    [.pair("GC", eviction(of: entry)), .pair("url", short(Format.text(entry.url)))]
  }

  /// Whether GC would take it, and when.
  private func eviction(of entry: Entry) -> String {
    guard entry.archivePath != nil || entry.installedPath != nil else {
      return "nothing left to evict"
    }
    let place = entries.rank.value(of: entry.id).map(\.words)
    guard entry.pinned == 0 else {
      let words = entry.refcount > 0 ? "kept while leased" : "kept while pinned"
      return place.map { "\(words); then \($0) to be evicted" } ?? words
    }
    return place.map { "\($0) to be evicted, least recently used first" } ?? "can be evicted"
  }

  private func problems(of entry: Entry) -> [DetailLine] {
    var lines = entry.problems.map {
      DetailLine("\(glyphs.warn) \(Format.text($0.description))", .warn)
    }
    if entry.isGhost {
      let pinned = entry.pinned.map(String.init) ?? "-"
      let text = "ghost pin: pinned is \(pinned), the leases say \(entry.refcount); x repairs it"
      lines.append(DetailLine("\(glyphs.warn) \(text)", .warn))
    }
    return lines
  }

  private func identity(of entry: Entry) -> [DetailLine] {
    let utc = settings.usesUTC
    return [
      .pair(
        "name", Format.name(kind: entry.kind, stem: entry.stem, version: entry.version)),
      .pair("hash", Format.text(entry.hash)),
      .pair("recorded", recorded(entry, utc: utc)),
      .pair("sha256", Format.text(entry.archiveSHA256)),
    ]
  }

  private func uses(_ entry: Entry) -> String {
    entry.useCount.map { "used \(Format.count(Int(clamping: $0), "time"))" }
      ?? "use count unreadable"
  }

  private func recorded(_ entry: Entry, utc: Bool) -> String {
    "installed \(Format.time(entry.installedAt, utc: utc)), archive "
      + Format.time(entry.archivedAt, utc: utc)
  }

  private func phase(_ path: RawText?, _ bytes: Int64?, _ exists: Bool?) -> String {
    guard let path else { return "none" }
    let sign = exists == false ? "\(glyphs.warn) MISSING " : ""
    return "\(sign)\(Format.size(bytes))  \(short(Format.text(path)))"
  }

  /// One line below the list; in full beside it and on the whole screen.
  private func short(_ text: String) -> String {
    guard layout.mode == .stacked, !pane.isFull else { return text }
    return TextCut.middle(text, to: 40, glyphs: glyphs)
  }

  private func holders(of entry: Entry) -> [DetailLine] {
    guard let rows = leases.snapshot?.rows.rows(onEntry: entry.id) else { return [] }
    return Array(rows.prefix(20)).map { row in
      let look = row.judgement.verdict.look(glyphs)
      let pid = row.lease.id.holderPID.map(String.init) ?? "-"
      let count = row.lease.refcount.map(String.init) ?? "-"
      return DetailLine(
        "\(look.sign) \(look.word) pid \(pid) ref \(count)  \(Format.text(row.judgement.evidence))",
        look.role)
    }
  }
}

/// A line of the details pane, not yet wrapped.
struct DetailLine: Sendable, Hashable {
  var label: String
  var text: String
  var role: Role

  init(_ text: String, _ role: Role = .text) {
    label = ""
    self.text = text
    self.role = role
  }

  static func pair(_ label: String, _ text: String, _ role: Role = .text) -> DetailLine {
    var line = DetailLine(text, role)
    line.label = label
    return line
  }
}
