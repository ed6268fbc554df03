import SystemPackage

extension TakeSnapshot.Report {
  /// Hands over every text that may hold a secret, before the first of them is written: what is one in the
  /// last row may stand in the first, too. What cannot be read is not written, either.
  public func forEachText(_ body: ([UInt8]) -> Void) {
    func text(_ value: String?) { if let value { body(Array(value.utf8)) } }
    _ = try? forEachEntry { entry, _ in
      for raw in entry.texts { body(raw.bytes) }
      for cell in entry.oddCells {
        switch cell.value {
        case .text(let raw): body(raw.bytes)
        case .blob(let bytes): body(bytes)
        case .integer, .real: break
        }
      }
    }
    for item in status.leases {
      text(item.judgement.evidence)
      text(item.judgement.holder?.command)
      text(item.lease.pinReason)
    }
    for line in journal {
      // A word may be the name of the next one.
      text(line.command.joined(separator: " "))
      for word in line.command { text(word) }
    }
    for item in links?.links ?? [] {
      text(item.link?.url)
      text(item.problem)
      body(RawText(path: item.path).bytes)
      if let blob = item.blob { body(RawText(path: blob).bytes) }
    }
    text(status.damage?.message)
    body(RawText(path: status.location.root).bytes)
  }
}

extension Entry {
  fileprivate var texts: [RawText] {
    [kind, url, stem, hash, version, archivePath, archiveSHA256, installedPath].compactMap(\.self)
  }
}
