internal import CacheKit
internal import TUI

extension EntriesRoom {
  /// What the pane says about the entry under the cursor.
  func details(in house: House) -> Details {
    guard let row = selectedRow(in: house) else {
      return groupDetails
    }
    let entry = row.entry
    // What every entry has stands first, at fixed places: moving the cursor repaints little.
    let lines =
      facts(of: row, in: house) + archiveLine(of: entry, in: house) + problems(of: entry, in: house)
      + places(of: entry, in: house)
      + house.needLines(of: entry.id)
      + holders(of: entry, in: house)
      + identity(of: entry, in: house)
    return Details(title: "entry #\(entry.id)", lines: lines)
  }

  private var groupDetails: Details {
    guard let group = table.selected.flatMap({ grouped?.group(ofHeading: $0) }) else {
      return Details(title: "entry")
    }
    let marked = grouped.map { $0.members(group).count(where: table.marks.contains) } ?? 0
    return Details(
      title: Format.text(group.kind),
      lines: [
        .pair("entries", "\(Format.grouped(group.count)), \(Format.size(group.bytes))"),
        .pair("marked", Format.grouped(marked)),
        DetailLine("z folds the group or opens it, Space marks all of it", .dim),
      ])
  }

  private func facts(of row: EntryRow, in house: House) -> [DetailLine] {
    let entry = row.entry
    let lastUsed = Format.time(entry.lastUsedAt, utc: house.settings.usesUTC)
    return [
      .pair(
        "installed", phase(entry.installedPath, entry.installedBytes, row.hasInstalled, in: house)),
      .pair("archive", phase(entry.archivePath, entry.archiveBytes, row.hasArchive, in: house)),
      .pair("last used", "\(lastUsed), \(uses(entry))"),
    ]
  }

  private func places(of entry: Entry, in house: House) -> [DetailLine] {
    [
      .pair("GC", eviction(of: entry, in: house)),
      .pair("url", short(Format.text(entry.url), in: house)),
    ]
  }

  /// Whether GC would take it, and when.
  private func eviction(of entry: Entry, in house: House) -> String {
    guard entry.archivePath != nil || entry.installedPath != nil else {
      return "nothing left to evict"
    }
    let place = ranks.value(of: entry.id).map(\.words)
    guard entry.pinned == 0 else {
      let isLeased = entry.refcount > 0 && !KeptBy(entry, house.leases?.rows).isPinned
      let words = isLeased ? "kept while leased" : "kept while pinned"
      return place.map { "\(words); then \($0) in line" } ?? words
    }
    return place.map { "\($0) in line, least recently used first" } ?? "can be evicted"
  }

  private func problems(of entry: Entry, in house: House) -> [DetailLine] {
    var lines = entry.problems.map {
      DetailLine("\(house.glyphs.warn) \(Format.text($0.description))", .warn)
    }
    if entry.isGhost {
      let pinned = entry.pinned.map(String.init) ?? "-"
      let text = "ghost pin: pinned is \(pinned), the leases say \(entry.refcount); x repairs it"
      lines.append(DetailLine("\(house.glyphs.warn) \(text)", .warn))
    }
    return lines
  }

  private func identity(of entry: Entry, in house: House) -> [DetailLine] {
    let utc = house.settings.usesUTC
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

  private func phase(_ path: RawText?, _ bytes: Int64?, _ exists: Bool?, in house: House) -> String
  {
    guard let path else { return "none" }
    let sign = exists == false ? "\(house.glyphs.warn) MISSING " : ""
    return "\(sign)\(Format.size(bytes))  \(short(Format.text(path), in: house))"
  }

  /// One line below the list; in full beside it and on the whole screen.
  private func short(_ text: String, in house: House) -> String {
    guard house.layout.mode == .stacked, !house.pane.isFull else { return text }
    return TextCut.middle(text, to: 40, glyphs: house.glyphs)
  }

  private func holders(of entry: Entry, in house: House) -> [DetailLine] {
    guard let rows = house.leases?.rows.rows(onEntry: entry.id) else { return [] }
    return Array(rows.prefix(20)).map { row in
      let look = row.judgement.verdict.look(house.glyphs)
      let pid = row.lease.id.holderPID.map(String.init) ?? "-"
      let count = row.lease.refcount.map(String.init) ?? "-"
      return DetailLine(
        "\(look.sign) \(look.word) pid \(pid) ref \(count)  \(Format.text(row.judgement.evidence))",
        look.role)
    }
  }
}

extension House {
  /// The known projects that need an entry, a line each.
  func needLines(of entry: Int64) -> [DetailLine] {
    projects.compactMap { project in
      project.needWords(of: entry).map {
        .pair("needed by", "\(Format.path(project.folder))  \($0)")
      }
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
