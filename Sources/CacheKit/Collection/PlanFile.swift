import CPlatform
import Glibc
import SystemPackage

/// A plan as it is kept: lines of words, so that what is carried out is what was shown.
///
/// Its name is the digest of its text. An edited file, one of another cache and one of another version of
/// this format are none.
enum PlanFile {
  private static let first = "cachescope-plan 1"
  private static let sizeLimit = 64 << 20
  /// So many are kept.
  private static let most = 32

  static func identity(_ plan: CollectionPlan, _ location: CacheLocation) -> String {
    name(of: text(plan, location))
  }

  private static func name(of text: [UInt8]) -> String {
    String(Hex.text(SHA256.ofText(text)).prefix(12))
  }

  static func text(_ plan: CollectionPlan, _ location: CacheLocation) -> [UInt8] {
    let limits = plan.limits
    var lines = [first, "cache \(hex(bytes(of: location.root)))"]
    lines.append("limits \(limits.archive) \(limits.installed) \(limits.high) \(limits.low)")
    lines.append("error \(hex(Array((plan.realError ?? "").utf8)))")
    for lease in plan.reaps { lines.append("reap \(lease)") }
    for step in plan.steps { lines.append(line(step)) }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  private static func line(_ step: CollectionPlan.Step) -> String {
    let words = [
      "step", "\(step.entryID)", step.phase.rawValue, step.bytes.map(String.init) ?? "-",
      "\(step.rank)", step.isOursAlone ? "ours" : "both", step.fingerprint,
      step.stamp?.text ?? "-", hex(step.path.bytes), hex(Array((step.refused ?? "").utf8)),
    ]
    return words.joined(separator: " ")
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.isEmpty ? "-" : Hex.text(bytes)
  }
}

// MARK: - On the disk

extension PlanFile {
  private static func folder(_ location: CacheLocation) -> FilePath? {
    location.stateFolder?.appending("plans")
  }

  /// Keeps the plan; where it cannot be kept, it can still be carried out while nothing has changed.
  static func save(_ plan: CollectionPlan, _ location: CacheLocation) {
    guard let folder = folder(location) else { return }
    try? ActingUser.with(folder) { () throws(CacheError) in
      try Folder.make(folder)
      let text = String(decoding: text(plan, location), as: UTF8.self)
      try SmallFile.write(
        folder.appending(plan.id), text, mode: 0o600, isDurable: false, isOwnFolder: true)
      prune(folder)
    }
  }

  private static func prune(_ folder: FilePath) {
    guard case .success(let held) = SimulatedFolder.open(AT_FDCWD, bytes(of: folder)),
      case .success(let names) = held.names(), names.count > most
    else { return }
    let aged = names.compactMap { name -> (Int64, [UInt8])? in
      guard case .success(let entry) = held.look(name), !entry.isFolder else { return nil }
      return (entry.modified.seconds, name)
    }
    for (_, name) in aged.sorted(by: { $0.0 < $1.0 }).dropLast(most) {
      _ = name.withCString { unlinkPath(in: held.descriptor, $0, 0) }
    }
  }

  /// The kept plan, or `nil` where there is none of that name.
  ///
  /// Throws `refused` for one that was edited, or is another cache's.
  static func load(_ id: String, _ location: CacheLocation) throws(CacheError) -> CollectionPlan? {
    guard isName(id), let path = folder(location)?.appending(id),
      let text = try? SmallFile.read(path, limit: sizeLimit)
    else { return nil }
    guard name(of: text) == id, let plan = Reader(text, location).plan(id) else {
      throw CacheError(
        .refused, "plan \(id) was edited, or another version of cachescope made it",
        hint: "Run `cachescope gc` for a new one")
    }
    guard plan.root == bytes(of: location.root) else {
      throw CacheError(
        .refused, "plan \(id) is for the cache at \(oneLine(RawText(bytes: plan.root).readable))",
        hint: "Name that cache with --cache DIR")
    }
    return plan.plan
  }

  static func isName(_ id: String) -> Bool {
    id.utf8.count == 12
      && id.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
      }
  }
}

// MARK: - Reading

extension PlanFile {
  /// Reads a text that may be anything.
  struct Reader {
    private let lines: [[Substring]]

    init(_ text: [UInt8], _ location: CacheLocation) {
      let words = String(decoding: text, as: UTF8.self).split(separator: "\n")
      lines = words.map { $0.split(separator: " ") }
    }

    /// `nil` for anything but a whole plan.
    func plan(_ id: String) -> (plan: CollectionPlan, root: [UInt8])? {
      guard lines.first == first.split(separator: " "), lines.count >= 4,
        let root = bytes(after: "cache", lines[1]), let limits = limits(lines[2]),
        let error = bytes(after: "error", lines[3])
      else { return nil }
      var plan = CollectionPlan(limits: limits)
      plan.id = id
      plan.realError = error.isEmpty ? nil : String(decoding: error, as: UTF8.self)
      for line in lines.dropFirst(4) {
        if line.first == "reap", line.count == 2, let lease = LeaseID(String(line[1])) {
          plan.reaps.append(lease)
        } else if let step = step(line) {
          plan.steps.append(step)
        } else {
          return nil
        }
      }
      return (plan, root)
    }

    private func limits(_ line: [Substring]) -> CollectionLimits? {
      let numbers = line.dropFirst().compactMap { UInt64($0) }
      guard line.first == "limits", numbers.count == 4 else { return nil }
      return CollectionLimits(
        archive: numbers[0], installed: numbers[1], high: numbers[2], low: numbers[3])
    }

    private func bytes(after word: String, _ line: [Substring]) -> [UInt8]? {
      line.count == 2 && line[0] == word ? unhex(line[1]) : nil
    }

    private func unhex(_ text: Substring) -> [UInt8]? {
      if text == "-" { return [] }
      let digits = Array(text.utf8)
      guard digits.count.isMultiple(of: 2) else { return nil }
      var bytes: [UInt8] = []
      for place in stride(from: 0, to: digits.count, by: 2) {
        guard
          let byte = UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16)
        else { return nil }
        bytes.append(byte)
      }
      return bytes
    }

    private func step(_ line: [Substring]) -> CollectionPlan.Step? {
      guard line.count == 10, line[0] == "step", let entry = Int64(line[1]),
        let phase = CachePhase(rawValue: String(line[2])), let rank = Int(line[4]),
        let path = unhex(line[8]), let refused = unhex(line[9])
      else { return nil }
      var step = CollectionPlan.Step(
        entryID: entry, phase: phase, bytes: Int64(line[3]), rank: rank, reason: "",
        price: .download, path: RawText(bytes: path), fingerprint: String(line[6]))
      step.isOursAlone = line[5] == "ours"
      step.stamp = CollectionPlan.FilesStamp(line[7])
      step.refused = refused.isEmpty ? nil : String(decoding: refused, as: UTF8.self)
      return step
    }
  }
}

extension CollectionPlan.FilesStamp {
  fileprivate init?(_ text: Substring) {
    let parts = text.split(separator: ".")
    guard parts.count == 3, let device = UInt64(parts[0]), let inode = UInt64(parts[1]),
      let modified = Int64(parts[2])
    else { return nil }
    (self.device, self.inode, self.modified) = (device, inode, modified)
  }
}
