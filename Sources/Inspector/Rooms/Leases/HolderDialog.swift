internal import CacheKit
internal import TUI

extension LeasesRoom {
  mutating func askHolder(in house: inout House) -> Effect<Work> {
    guard let pid = selectedRow?.lease.id.holderPID else { return .none }
    return house.start(.leases(.holderCard(pid)))
  }

  /// Shows the card over the screen, unless something else was opened meanwhile.
  mutating func showCard(_ pid: Int64, _ card: HolderCard?, in house: inout House) {
    if house.overlay != nil { return }
    guard let card else {
      house.say("there is no process \(pid), or it cannot be read", .warn)
      return
    }
    house.show(
      .notice(
        title: "Process \(pid)", lines: lines(of: card, in: house), at: house.clock,
        openedBy: .unknown))
  }

  private func lines(of card: HolderCard, in house: House) -> [Dialog<Change>.Line] {
    let process = card.process
    let user = Format.text(process.userName ?? process.uid.map(String.init) ?? "unknown")
    let started = process.startedAt.flatMap { Int64(exactly: $0.rounded(.down)) }
    var lines: [Dialog<Change>.Line] = [
      .init(Format.command(process.command), .strong),
      .init("state      \(Format.text(String(process.state)))"),
      .init("user       \(user)"),
      .init("started    \(Format.time(started, utc: house.settings.usesUTC))"),
      .init("folder     \(Format.text(card.workingFolder))"),
    ]
    if let container = card.container {
      lines.append(.init("container  \(Format.text(container))"))
    }
    for (index, parent) in card.parents.prefix(8).enumerated() {
      let label = index == 0 ? "parents    " : "           "
      lines.append(.init("\(label)\(parent.pid) \(Format.command(parent.command))"))
    }
    lines += openFiles(of: card, in: house)
    return lines
  }

  private func openFiles(of card: HolderCard, in house: House) -> [Dialog<Change>.Line] {
    var lines = card.openFiles.prefix(20).enumerated().map { index, path in
      let label = index == 0 ? "open here  " : "           "
      return Dialog<Change>.Line(label + Format.text(path))
    }
    if card.openFiles.count > 20 { lines.append(.init("           and more", .dim)) }
    if card.openFiles.isEmpty {
      let words = card.isComplete ? "nothing below the cache root" : "cannot be read"
      lines.append(.init("open here  \(words)", .dim))
    }
    return lines
  }
}
