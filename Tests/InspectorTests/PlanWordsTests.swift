import Testing

@testable import CacheKit
@testable import Inspector

@Suite("The words of a plan")
struct PlanWordsTests {
  private func plan(isCallers: Bool) -> CollectionPlan {
    let limits = CollectionLimits(archive: 1, installed: 1, high: 2, low: 1)
    var plan = CollectionPlan(limits: limits)
    plan.realError = "GC failed: attempt to write a readonly database"
    plan.isCallersError = isCallers
    var step = CollectionPlan.Step(
      entryID: 7, phase: .installed, rank: 1, reason: "least recently used", price: .download,
      path: "p", fingerprint: "f")
    step.isOursAlone = true
    plan.steps = [step]
    plan.outlook.growth = 1 << 20
    plan.outlook.days = 1
    return plan
  }

  @Test("an error of the rows is real GC's, and what goes then is ours alone")
  func rows() {
    let plan = plan(isCallers: false)
    #expect(plan.failureWords?.hasSuffix("; ours goes on") == true)
    #expect(plan.why(plan.steps[0]) == "ours alone; least recently used")
    #expect(plan.summaryWords.contains("ours takes 1 step"))
    #expect(plan.outlookWords == ["it grows by 1.0 MiB a day, so GC has work again in 1 day"])
  }

  @Test("for want of rights it is this user's, and what goes is what its owner's GC takes")
  func caller() {
    let plan = plan(isCallers: true)
    #expect(plan.failureWords?.hasPrefix("run by this user, real GC fails: ") == true)
    #expect(plan.failureWords?.hasSuffix("once the files of entry 7 are gone") == true)
    #expect(plan.why(plan.steps[0]) == "least recently used")
    #expect(plan.summaryWords.hasPrefix("run by its owner, GC takes 1 step"))
    #expect(plan.outlookWords == ["it grows by 1.0 MiB a day"])
  }
}
