internal import CacheKit
internal import TUI

extension LinksRoom {
  /// What the pane says about the pointer under the cursor: what is wrong and what runs first.
  func details(in house: House) -> Details {
    guard let row = selectedRow else { return Details(title: "pointer") }
    let look = row.look(house.glyphs)
    var lines = transferLines(row, in: house)
    lines += verdictLines(row, look.role, in: house)
    lines += hashLines(row, in: house)
    lines += placeLines(row, in: house)
    return Details(title: "\(look.sign) \(look.word) \(row.name)", lines: lines)
  }

  private func transferLines(_ row: LinkRow, in house: House) -> [DetailLine] {
    var lines: [DetailLine] = []
    if house.running[LinkWork.fetchJob] != nil, fetching.wanted > 1 {
      lines.append(.pair("all", fetchLine(in: house), .strong))
    }
    if let transfer = fetching.transfers[row.id] {
      let stop = "   x cancels"
      lines.append(.pair("fetching", transfer.line(bar: 16, glyphs: house.glyphs) + stop, .strong))
    } else if let failure = fetching.failures[row.id] {
      lines.append(.pair("fetch", "\(house.glyphs.bad) \(failure)", .bad))
    }
    return lines
  }

  private func verdictLines(_ row: LinkRow, _ role: Role, in house: House) -> [DetailLine] {
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
  private func hashLines(_ row: LinkRow, in house: House) -> [DetailLine] {
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

  private func placeLines(_ row: LinkRow, in house: House) -> [DetailLine] {
    let item = row.item
    var lines: [DetailLine] = []
    if let link = item.link {
      lines.append(.pair("size", sizes(item, link)))
      if let blob = item.blob { lines.append(.pair("blob", Format.path(blob))) }
      lines.append(.pair("url", Format.text(link.maskedURL)))
    }
    if let check = item.check {
      let age = Format.age(of: check.verifiedAt, now: snapshot?.takenAt ?? check.verifiedAt)
      lines.append(.pair("verified", age == "future" ? "just now" : "\(age) ago"))
    }
    if !row.twins.isEmpty {
      let names = row.twins.prefix(5).joined(separator: ", ")
      lines.append(.pair("same as", "\(names): stored once for each URL", .warn))
    }
    if let entry = item.entry {
      lines.append(.pair("entry", "#\(entry.id), Enter goes there; \(uses(entry))"))
    }
    if row.needsFetch { lines.append(.pair("command", fetchCommand([row.id], in: house))) }
    return lines
  }

  private func uses(_ entry: Entry) -> String {
    entry.refcount > 0 ? "held by \(Format.count(entry.leaseCount, "lease"))" : "no lease on it"
  }

  private func sizes(_ item: LinkItem, _ link: LinkFile) -> String {
    let said = link.size.map { Format.size(unsigned: $0) }
    let extract = link.extract == .file ? "" : ", unpacked as \(link.extract.rawValue)"
    guard let recorded = item.entry?.archiveBytes else {
      return "pointer says \(said ?? "nothing")\(extract)"
    }
    return "\(Format.size(recorded)), pointer says \(said ?? "nothing")\(extract)"
  }

  func fetchCommand(_ ids: [LinkID], in house: House) -> String {
    Change.fetch(ids).commands(cacheOption: house.settings.cacheOption).first ?? ""
  }
}
