internal import CacheKit
internal import TUI

extension Inspector {
  /// What the pane says about the pointer under the cursor: what is wrong and what runs first.
  func linkDetails() -> (title: String, lines: [DetailLine]) {
    guard let row = links.selectedRow else { return ("pointer", []) }
    let look = row.look(glyphs)
    var lines = transferLines(row)
    lines += verdictLines(row, look.role)
    lines += hashLines(row)
    lines += placeLines(row)
    return ("\(look.sign) \(look.word) \(row.name)", lines)
  }

  private func transferLines(_ row: LinkRow) -> [DetailLine] {
    var lines: [DetailLine] = []
    if let since = running[LinkWork.fetchJob], links.fetching.wanted > 1 {
      lines.append(.pair("all", taskProgress(of: LinkWork.fetchJob, since), .strong))
    }
    if let transfer = links.fetching.transfers[row.id] {
      let stop = "   x cancels"
      lines.append(.pair("fetching", transfer.line(bar: 16, glyphs: glyphs) + stop, .strong))
    } else if let failure = links.fetching.failures[row.id] {
      lines.append(.pair("fetch", "\(glyphs.bad) \(failure)", .bad))
    }
    return lines
  }

  private func verdictLines(_ row: LinkRow, _ role: Role) -> [DetailLine] {
    let item = row.item
    switch item.state {
    case .corrupt:
      guard let check = item.check else {
        return [DetailLine("\(Format.text(item.problem ?? "wrong")); v reads it", role)]
      }
      // The hash itself stands in the lines below.
      let why = item.problem?.split(separator: check.sha256 + ": ").dropFirst().joined() ?? ""
      let words = why.isEmpty ? "v says what happened to it" : why
      return [DetailLine("sha256 differs: \(Format.text(words))", role)]
    case .malformed, .foreign: return [.pair("reads as", Format.text(LinkRow.brief(item)), role)]
    case .unreadable: return [DetailLine(Format.text(item.problem ?? "unreadable"), role)]
    case .gone: return [DetailLine("\(Format.text(item.problem ?? "gone")); f fetches it", role)]
    case .missing: return [DetailLine("never fetched; f fetches it", role)]
    case .cached: return item.problem.map { [DetailLine(Format.text($0), .warn)] } ?? []
    }
  }

  /// Both hashes with their first different digit in brackets, or the one that is expected.
  private func hashLines(_ row: LinkRow) -> [DetailLine] {
    guard let link = row.item.link else { return [] }
    guard let check = row.item.check, check.sha256 != link.sha256 else {
      return [.pair("sha256", link.sha256)]
    }
    let place = zip(link.sha256, check.sha256).enumerated().first { $0.element.0 != $0.element.1 }
    let offset = place?.offset ?? 0
    return [
      .pair("expected", Self.marked(link.sha256, at: offset), .ok),
      .pair("actual", Self.marked(check.sha256, at: offset), .bad),
    ]
  }

  /// `9f3a[5]1c0`: readable without colour.
  static func marked(_ digits: String, at offset: Int) -> String {
    let head = digits.prefix(offset)
    let rest = digits.dropFirst(offset)
    return rest.isEmpty ? digits : "\(head)[\(rest.prefix(1))]\(rest.dropFirst())"
  }

  private func placeLines(_ row: LinkRow) -> [DetailLine] {
    let item = row.item
    var lines: [DetailLine] = []
    if let link = item.link {
      lines.append(.pair("size", sizes(item, link)))
      if let blob = item.blob { lines.append(.pair("blob", Format.path(blob))) }
      lines.append(.pair("url", Format.text(link.maskedURL)))
    }
    if let check = item.check {
      let age = Format.age(of: check.verifiedAt, now: links.snapshot?.takenAt ?? check.verifiedAt)
      lines.append(.pair("verified", age == "future" ? "just now" : "\(age) ago"))
    }
    if !row.twins.isEmpty {
      let names = row.twins.prefix(5).joined(separator: ", ")
      lines.append(.pair("same as", "\(names): stored once for each URL", .warn))
    }
    if let entry = item.entry {
      lines.append(.pair("entry", "#\(entry.id), Enter goes there; \(uses(entry))"))
    }
    if row.needsFetch { lines.append(.pair("command", fetchCommand([row.id]))) }
    return lines
  }

  private func uses(_ entry: Entry) -> String {
    entry.refcount > 0 ? "held by \(Format.count(entry.leaseCount, "lease"))" : "no lease on it"
  }

  private func sizes(_ item: LinkItem, _ link: LinkFile) -> String {
    let said = link.size.map { Format.size(Int64(clamping: $0)) }
    let extract = link.extract == .file ? "" : ", unpacked as \(link.extract.rawValue)"
    guard let recorded = item.entry?.archiveBytes else {
      return "pointer says \(said ?? "nothing")\(extract)"
    }
    return "\(Format.size(recorded)), pointer says \(said ?? "nothing")\(extract)"
  }

  func fetchCommand(_ ids: [LinkID]) -> String {
    Change.fetch(ids).commands(cacheOption: settings.cacheOption).first ?? ""
  }

  // MARK: Frame

  var linkTable: TableView<LinkCells> { TableView(columns: LinkColumns.all, sort: links.order) }

  func drawLinks(_ header: Rect, _ rows: Rect, frame: inout Frame) {
    linkTable.drawHeader(in: header, frame: &frame)
    if links.table.ids.isEmpty {
      drawEmpty(noLinks, rows, frame: &frame)
    }
    linkTable.drawRows(of: links.table, in: rows, frame: &frame, row: linkCells)
  }

  func linkCells(_ id: LinkID) -> LinkCells? {
    links.row(id).map { LinkCells(row: $0, transfer: links.fetching.transfers[id]) }
  }

  private var noLinks: String {
    if !links.all.isEmpty { return "no pointers" }
    if running[listLinks.job] != nil { return "searching pointers" }
    return links.snapshot == nil
      ? "not searched: r searches, P looks elsewhere" : "no pointers here; P looks elsewhere"
  }

  var linkStatus: String {
    guard let snapshot = links.snapshot else {
      return "pointers of \(Format.text(links.root.typed))"
    }
    if !links.filter.text.isEmpty {
      let shown = Format.grouped(links.table.ids.count)
      return "showing \(shown) of \(Format.grouped(snapshot.rows.count)) "
        + "(filter: \(Format.text(links.filter.text)))"
    }
    let groups = Dictionary(grouping: snapshot.rows) { $0.look(.ascii).word.lowercased() }
    let counts = groups.sorted { ($0.value[0].rank, $0.key) < ($1.value[0].rank, $1.key) }
      .map { "\(Format.grouped($0.value.count)) \($0.key)" }
    let pointers = Format.count(snapshot.rows.count, "pointer")
    let head = "\(pointers) under \(Format.text(snapshot.title))"
    let unread =
      snapshot.unreadable.isEmpty ? [] : ["\(snapshot.unreadable.count) places unreadable"]
    return ([head] + counts + unread).joined(separator: " \(glyphs.dot) ")
  }

  /// What the cache holds beyond these pointers, where there is room to say it.
  var unreferencedWords: String {
    guard size.columns >= 120, let snapshot = links.snapshot, snapshot.unreferencedCount > 0 else {
      return ""
    }
    let blobs = Format.count(snapshot.unreferencedCount, "cached blob")
    return "\(blobs) (\(Format.size(snapshot.unreferencedBytes))) named by none  "
  }

  /// The words of a running fetch or verification on the message line.
  func linkProgress(of id: JobID) -> String? {
    switch id {
    case LinkWork.fetchJob:
      let progress = links.fetching
      let rate = progress.rate.map { ", \(Format.size($0))/s" } ?? ""
      let words = progress.target.map { "putting into \($0)" } ?? "fetching"
      return "\(words): \(progress.done) of \(progress.wanted) done, "
        + "\(Format.size(progress.arrived))\(rate)  (x on tab 5 cancels)"
    case LinkWork.verifyJob:
      let progress = links.verifying
      let span = running[id].map { clock.milliseconds(since: $0) } ?? 0
      let rate = Rate.perSecond(progress.bytes, milliseconds: span).map { ", \(Format.size($0))/s" }
      return "verifying: \(progress.done) of \(progress.wanted) done\(rate ?? "")"
        + "  (x on tab 5 cancels)"
    default: return nil
    }
  }
}
