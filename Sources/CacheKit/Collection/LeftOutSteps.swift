// A person may leave steps of a plan out; what is left is a plan of its own.
extension CollectionPlan {
  /// A step by what it takes.
  public struct StepName: Sendable, Hashable {
    public var entryID: Int64
    public var phase: CachePhase

    public init(entryID: Int64, phase: CachePhase) {
      self.entryID = entryID
      self.phase = phase
    }
  }

  /// Why a step that a person leaves out stays.
  public static let leftOut = "left out by hand"

  /// The plan without these steps, with an `id` of its own; the same one where it takes none of them.
  public func without(_ names: Set<StepName>, of location: CacheLocation) -> CollectionPlan {
    var plan = self
    let places = steps.indices.filter { steps[$0].isTaken && names.contains(steps[$0].name) }
    guard !places.isEmpty else { return plan }
    for place in places { plan.steps[place].refused = Self.leftOut }
    plan.id = PlanFile.identity(plan, location)
    return plan
  }
}

extension CollectionPlan.Step {
  /// What it takes.
  public var name: CollectionPlan.StepName {
    CollectionPlan.StepName(entryID: entryID, phase: phase)
  }

  /// True where a person left it out.
  public var isLeftOut: Bool { refused == CollectionPlan.leftOut }
}
