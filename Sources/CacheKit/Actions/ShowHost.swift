import SystemPackage

/// What holds builds up on this host: locks, daemons, leases, users and waiters. Changes nothing.
public struct ShowHost: CacheAction {
  public init() {}

  public var command: [String] { ["host"] }

  public func perform(in context: ActionContext) throws(CacheError) -> HostReport {
    guard context.recorded == nil else {
      throw CacheError(
        .invalidInput, "a snapshot does not tell what holds builds up on its host",
        hint: "Leave out --from")
    }
    // A cache without an index may be locked all the same.
    try context.location.requireRoot()
    let survey = HostSurvey(context)
    let start = Uptime.seconds()
    var report = survey.read()
    var planning = context
    // One that says nothing now is not asked again for its limits, and a slow one gets no second more.
    planning.daemonPatience = max(0.1, context.daemonPatience - (Uptime.seconds() - start))
    if report.daemons.contains(where: { $0.silence != nil }) { planning.isOffline = true }
    let listed: ListLeases.Report
    do throws(CacheError) {
      listed = try ListLeases().perform(in: context)
    } catch {
      report.damage = error.code == .noIndex ? nil : error
      return report
    }
    report.damage = listed.damage
    report.leases = listed.leases
    report.holders = survey.holders(of: listed.leases)
    report.source = listed.source
    report.collection = (try? PlanCollection().perform(in: planning)).map { .init($0.plan) }
    return report
  }
}
