import SystemPackage

/// Whether the files of a step may go: all that has files in common with it has to go, too, and to be as it was
/// planned. One answer for the claim of a step and for what makes room on a full disk.
final class StepGuard {
  typealias Key = CollectionRun.Key

  private let context: ActionContext
  private let look: StepLook
  private let steps: [Key: CollectionPlan.Step]
  private let victims: [PathOverlaps.Victim]
  /// What is to go, and was not left.
  private var going: Set<Key>
  /// What went in this run.
  private var done: Set<Key> = []
  /// Where this run has removed something: folders above it have changed by that alone.
  private(set) var cleared: [[[UInt8]]] = []

  private var pairs: [Key: [Key]] = [:]
  /// The state of the index in which the pairs were found.
  private var version: Int64?
  /// Steps whose whole company may go, as of that state.
  private var sound: Set<Key> = []
  /// Why the files of a step cannot go, as of that state; empty where they can.
  private var refusals: [Key: String] = [:]

  init(_ steps: [CollectionPlan.Step], _ look: StepLook, _ context: ActionContext) {
    self.context = context
    self.look = look
    self.steps = Dictionary(steps.map { ($0.key, $0) }) { first, _ in first }
    victims = steps.filter { $0.refused == nil }.compactMap { PathOverlaps.Victim($0, look.jail) }
    going = Set(victims.map(\.key))
  }

  /// Its files stay: those of others stay with them.
  func leave(_ key: Key) {
    if going.remove(key) != nil { forget() }
  }

  func took(_ key: Key, _ place: PathJail.Place) {
    done.insert(key)
    cleared.append(place.components)
  }

  private func forget() { (sound, refusals) = ([], [:]) }

  /// Inside a transaction of the writer: one look at all rows serves until somebody else changes the index.
  func refresh(_ db: Database) throws {
    let latest = try db.integer("PRAGMA data_version")
    if version == nil || latest != version { try read(db) }
    version = latest
  }

  /// Through a connection that looks once.
  func reread(_ db: Database) throws {
    try read(db)
    version = nil
  }

  private func read(_ db: Database) throws {
    let found = try PathOverlaps(victims, root: bytes(of: context.location.root)).read(db)
    pairs = Dictionary(grouping: found, by: \.victim).mapValues { $0.map(\.other) }
    forget()
  }

  /// Why the step stays; `nil` where it may go. The leases of all its company count, its own row does not:
  /// that is the claim's.
  func obstacle(_ key: Key, _ db: Database) throws -> String? {
    if sound.contains(key) { return try holder(db, [key.id]) }
    let company = company(of: key)
    if let words = try holder(db, Set(company.members.map(\.id)).union(company.outside.map(\.id))) {
      return words
    }
    // The reason is the row that nobody meant to take, not one that was left for it.
    if let other = company.outside.first(where: { steps[$0] == nil }) ?? company.outside.first {
      return words(other, company)
    }
    let members = company.members.filter { $0 != key && !done.contains($0) }
    guard !members.isEmpty else { return nil }
    let rows = try CandidateReader(db).read(Set(members.map(\.id)))
    let known = Dictionary(rows.map { ($0.id, $0) }) { first, _ in first }
    for member in members {
      // Where its row is gone, nobody misses its files.
      guard let row = known[member.id], row.path(member.phase) != nil else { continue }
      guard row.fingerprints[member.phase] == steps[member]?.fingerprint,
        refusal(member).isEmpty
      else { return words(member, company) }
    }
    sound.formUnion(company.members)
    return nil
  }

  private func words(_ other: Key, _ company: Company) -> String {
    func name(_ key: Key) -> String { "entry \(key.id) (\(key.phase.rawValue))" }
    let neighbour = company.first[other] ?? other
    let start = "its files are also those of \(name(neighbour)), which stays"
    return neighbour == other ? start : start + " for \(name(other))"
  }

  private func refusal(_ key: Key) -> String {
    if let known = refusals[key] { return known }
    var words = ""
    if let step = steps[key], case .failure(let refusal) = look.look(step, after: cleared) {
      words = refusal.words
    }
    refusals[key] = words
    return words
  }

  private struct Company {
    /// The step and all steps that go with it, in the order in which they were found.
    var members: [Key]
    /// Rows that are no step.
    var outside: [Key] = []
    /// The neighbour of the step through which another one was found.
    var first: [Key: Key] = [:]
  }

  private func company(of key: Key) -> Company {
    var found = Company(members: [key])
    var seen: Set<Key> = [key]
    var place = 0
    while place < found.members.count {
      let member = found.members[place]
      place += 1
      for other in pairs[member] ?? [] where !done.contains(other) && seen.insert(other).inserted {
        found.first[other] = found.first[member] ?? (member == key ? other : member)
        if going.contains(other) {
          found.members.append(other)
        } else {
          found.outside.append(other)
        }
      }
    }
    return found
  }

  /// Leases as they are now, and the processes as they are now.
  private func holder(_ db: Database, _ entries: Set<Int64>) throws -> String? {
    let shape = try SchemaShape.read(db)
    for entry in entries.sorted() {
      let leases = try LeaseStore.leases(db, shape, where: "leases.entry_id = ?", [entry])
      if let words = holder(among: leases) { return words }
    }
    return nil
  }

  private func holder(among leases: [Lease]) -> String? {
    guard !leases.isEmpty else { return nil }
    return ActingUser.asSelf {
      var processes = context.processTable()
      for lease in leases {
        let judgement = processes.judge(lease)
        guard !judgement.verdict.isProvablyStuck else { continue }
        return "lease \(lease.id) holds it (\(judgement.verdict.rawValue)): \(judgement.evidence)"
      }
      return nil
    }
  }
}
