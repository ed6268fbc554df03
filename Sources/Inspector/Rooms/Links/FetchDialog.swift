internal import CacheKit
internal import SystemPackage
internal import TUI

extension LinksRoom {
  /// Why nothing can be fetched, or `nil`.
  func fetchObstacle(in house: House) -> String? {
    house.leaseObstacle
      ?? (house.running[LinkWork.fetchJob] == nil ? nil : "a fetch is running: x cancels it")
  }

  /// The same for one row; marks may be many, and are looked at once they are meant.
  func fetchRowObstacle(in house: House) -> String? {
    if let reason = fetchObstacle(in: house) { return reason }
    guard table.marks.isEmpty else { return nil }
    guard let row = selectedRow else { return "no pointer here" }
    guard !row.needsFetch else { return nil }
    let why =
      row.item.link == nil ? "it cannot be fetched" : "it is already in the cache; v verifies it"
    return "\(row.look(house.glyphs).word): \(why)"
  }

  /// `f`: the marked pointers, else the one under the cursor.
  mutating func askFetch(_ key: Key, in house: inout House) -> Effect<Work> {
    let rows = targets
    let wanted = rows.filter(\.needsFetch)
    guard !wanted.isEmpty else {
      house.say("none of them needs a fetch")
      return .none
    }
    return askFetch(wanted, skipping: rows.filter { !$0.needsFetch }, key, in: &house)
  }

  func fetchAllObstacle(in house: House) -> String? {
    if let reason = fetchObstacle(in: house) { return reason }
    guard !states.keys.contains(where: \.needsFetch) else { return nil }
    let isLooking = snapshot == nil || house.running[list.job] != nil
    guard all.isEmpty else { return "nothing has to be fetched" }
    return isLooking ? "still looking for pointers" : "no pointer here"
  }

  /// `F`: everything bad or missing, shown or not.
  mutating func askFetchAll(_ key: Key, in house: inout House) -> Effect<Work> {
    let wanted = all.filter(\.needsFetch).sorted { ($0.rank, $0.name) < ($1.rank, $1.name) }
    return askFetch(wanted, skipping: all.filter { $0.item.state == .malformed }, key, in: &house)
  }

  private mutating func askFetch(
    _ rows: [LinkRow], skipping others: [LinkRow], _ key: Key, in house: inout House
  ) -> Effect<Work> {
    let change = Change.fetch(rows.map(\.id))
    var lines = rows.prefix(10).map { scopeLine($0, in: house) }
    if rows.count > 10 { lines.append(.init("and \(rows.count - 10) more", .dim)) }
    lines.append(.init(""))
    if !others.isEmpty { lines.append(.init("Skipped: \(summary(of: others, in: house))", .dim)) }
    lines += [
      .init("Size:    \(knownSizes(rows))"),
      .init("From:    \(hosts(rows))"),
      .init(
        "Effect:  each blob is verified while it arrives, put into the shared cache and "
          + "recorded. Wrong blobs go to quarantine. No lease is left behind."),
      .init("x cancels; the next fetch goes on where this one stopped.", .dim),
    ]
    house.show(
      Dialog(
        title: "Fetch \(Format.count(rows.count, "blob"))?", lines: lines,
        commands: change.commands(cacheOption: house.settings.cacheOption), action: change,
        tier: .confirm(key: "d", label: "Download \(rows.count)"), openedBy: key, at: house.clock))
    return .flushInput
  }

  func scopeLine(_ row: LinkRow, in house: House) -> Dialog<Change>.Line {
    let look = row.look(house.glyphs)
    let size = row.item.link?.size.map { Format.size(unsigned: $0) } ?? "-"
    return .init(
      "\(look.sign) \(look.word.padded(to: 8)) \(size.padded(to: 8)) \(row.name)", look.role)
  }

  private func summary(of rows: [LinkRow], in house: House) -> String {
    let groups = Dictionary(grouping: rows) { $0.look(house.glyphs).word }
    return groups.sorted { $0.key < $1.key }.map { "\($0.value.count) \($0.key)" }
      .joined(separator: ", ")
  }

  /// `85 MiB, and 2 of unknown size`; what several pointers share counts once.
  private func knownSizes(_ rows: [LinkRow]) -> String {
    let blobs = Dictionary(
      rows.compactMap { row in row.item.link.map { ("\($0.url)\n\($0.sha256)", $0.size) } },
      uniquingKeysWith: { $0 ?? $1 })
    let total = blobs.values.compactMap(\.self).reduce(Int64(0)) { sum, size in
      let next = sum.addingReportingOverflow(Int64(clamping: size))
      return next.overflow ? .max : next.partialValue
    }
    let unknown = blobs.values.count { $0 == nil }
    guard unknown < blobs.count else { return "not known" }
    return Format.size(total) + (unknown > 0 ? ", and \(unknown) of unknown size" : "")
  }

  private func hosts(_ rows: [LinkRow]) -> String {
    let names = Set(rows.map { String($0.source.prefix { $0 != "/" }) }).sorted()
    let rest = names.count > 4 ? " and \(names.count - 4) more" : ""
    return names.prefix(4).joined(separator: ", ") + rest
  }

  /// What the accepted dialog starts.
  mutating func startFetch(
    _ change: Change, _ ids: [LinkID], into folder: FilePath? = nil, in house: inout House
  ) -> Effect<Work> {
    let failures = fetching.failures.filter { !ids.contains($0.key) }
    fetching = LinkProgress()
    fetching.failures = failures
    fetching.wanted = ids.count
    fetching.target = folder.map { Format.path($0) }
    return house.start(.change(change))
  }

  // MARK: Verify

  /// `v`: reads the blobs of the marked pointers, else of the one under the cursor.
  mutating func verifyLinks(in house: inout House) -> Effect<Work> {
    let rows = targets.filter { $0.item.state == .cached || $0.item.state == .corrupt }
    guard !rows.isEmpty else {
      house.say("no blob here to read")
      return .none
    }
    verifying = LinkProgress()
    verifying.wanted = rows.count
    return house.start(.links(.verify(rows.map(\.id))))
  }

  func cancelObstacle(in house: House) -> String? {
    cancellable(in: house).isEmpty ? "nothing is being fetched or verified" : nil
  }

  private func cancellable(in house: House) -> [JobID] {
    let jobs = [LinkWork.fetchJob, LinkWork.verifyJob, list.job]
    return jobs.first { house.running[$0] != nil }.map { [$0] } ?? []
  }

  /// `x`: the fetch, else the verification, else the search.
  mutating func cancelLinkWork(in house: inout House) -> Effect<Work> {
    guard let job = cancellable(in: house).first else { return .none }
    house.say("cancelling: \(job.name)", .warn)
    return .cancel(job)
  }
}
