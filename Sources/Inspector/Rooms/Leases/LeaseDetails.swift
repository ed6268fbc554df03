internal import CacheKit
internal import TUI

extension LeasesRoom {
  /// What the pane says about the lease under the cursor: the verdict and its proof first.
  func details(in house: House) -> Details {
    guard let row = selectedRow, snapshot != nil else {
      return Details(title: "lease")
    }
    let look = row.judgement.verdict.look(house.glyphs)
    let lease = row.lease
    let utc = house.settings.usesUTC
    var lines = [DetailLine(Format.text(row.judgement.evidence), look.role)]
    lines += lease.problems.map {
      DetailLine("\(house.glyphs.warn) \(Format.text($0.description))", .warn)
    }
    lines += [
      .pair("holder", holderLine(row, in: house)),
      .pair(
        "acquired",
        "\(Format.time(lease.acquiredAt, utc: utc)), "
          + Format.ago(lease.acquiredAt, now: house.ageNow)
          + (lease.refcount == 1 ? "" : ", refcount \(lease.refcount.map(String.init) ?? "-")")
      ),
      .pair("nonce", nonce(lease.id.nonce, in: house)),
      .pair("blocks", blocks(lease, in: house)),
      .pair(
        "entry", "#\(lease.id.entryID.map(String.init) ?? "-") \(shortEntry(lease, in: house))"),
      .pair("fbuild", fbuildSays(row.judgement.verdict, in: house)),
      .pair("command", command(row, in: house)),
    ]
    guard !changes.isGone(row.id) else {
      return Details(title: "gone: was \(look.sign) \(look.word)", lines: lines)
    }
    return Details(title: "why \(look.sign) \(look.word)", lines: lines)
  }

  /// Hashes of 64 digits are versions of blobs: their ends tell them apart.
  private func shortEntry(_ lease: Lease, in house: House) -> String {
    TextCut.middle(LeaseColumns.entry(lease), to: 60, glyphs: house.glyphs)
  }

  private func holderLine(_ row: LeaseRow, in house: House) -> String {
    guard let holder = row.judgement.holder else { return LeaseColumns.holder(row) }
    let user = Format.text(holder.userName ?? holder.uid.map(String.init) ?? "unknown user")
    let started = holder.startedAt.flatMap { Int64(exactly: $0.rounded(.down)) }
    return "pid \(holder.pid), state \(Format.text(String(holder.state))), \(user), started "
      + "\(Format.time(started, utc: house.settings.usesUTC)): \(Format.command(holder.command))"
  }

  private func nonce(_ nonce: UInt64?, in house: House) -> String {
    guard let nonce else { return "none: this schema does not record it yet" }
    if nonce == 0 { return "0: from before it was recorded" }
    if let uid = DurablePin.uid(from: nonce) { return "\(nonce), a pin of uid \(uid)" }
    let seconds = Int64(nonce / 1_000_000_000)
    return "\(Format.time(seconds, utc: house.settings.usesUTC)), the first lease of that process"
  }

  private func blocks(_ lease: Lease, in house: House) -> String {
    guard let entry = lease.entry else { return "nothing: the entry is gone" }
    let onEntry = lease.id.entryID.flatMap { snapshot?.rows.rows(onEntry: $0).count }
    let others = max(0, (onEntry ?? 1) - 1)
    let rank = rank(of: lease).map { ", LRU rank \($0.words)" } ?? ""
    let size = Format.size(entry.bytes) + rank
    return others == 0
      ? "\(size), evictable once this is released"
      : "\(size), together with \(Format.count(others, "other lease"))"
  }

  private func fbuildSays(_ verdict: LeaseVerdict, in house: House) -> String {
    switch verdict {
    case .dead: "its own GC would reap this row too, if it ran"
    case .reused, .zombie: "asks only whether the PID exists, so it keeps this row"
    case .orphan: "never cleans this up"
    case .namespace: "on this host would reap it although the holder may be alive"
    case .pin: "sees leases of PID 1 and PID 0, takes one to be alive, and keeps the entry"
    default: "keeps this row while the PID exists"
    }
  }

  private func command(_ row: LeaseRow, in house: House) -> String {
    let force = !row.judgement.verdict.isProvablyStuck && row.judgement.verdict != .pin
    return Change.release([row.lease], force: force)
      .commands(cacheOption: house.settings.cacheOption).first ?? ""
  }
}
