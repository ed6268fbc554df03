import Inspector
import TUI
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// A plan runs only while it is true, and what runs can be ended.
@Suite("A plan that is carried out late")
struct PlanAgeTests {
  private static let late = Moment(nanoseconds: 1 << 60)

  /// The plan is on the screen, its dialog open, and hours pass.
  private func asked(_ size: String = "80x24") -> Inspector {
    Player(Samples.fullCache(), size: size).press("6Ck").headless.program
  }

  private func snapshot(_ change: (inout CollectionPlan) -> Void = { _ in }) -> PlanSnapshot {
    var plan = Samples.plan()
    change(&plan)
    plan.id = PlanFile.identity(plan, FakeCache.location)
    return PlanSnapshot(
      plan: plan, changes: .init(), location: FakeCache.location, takenAt: FakeCache.now)
  }

  private func accept(_ inspector: inout Inspector) -> Effect<Work> {
    _ = inspector.update(.key(.character("3")), at: Self.late)
    return inspector.update(.key(.enter), at: Self.late)
  }

  private func starts(_ effect: Effect<Work>) -> [Work] {
    effect.flattened.compactMap { if case .start(let work, _) = $0 { work } else { nil } }
  }

  private func screen(_ inspector: Inspector, _ size: String = "80x24") -> String {
    var frame = Frame(size: Size(size) ?? Size(columns: 1, rows: 1), glyphs: .utf8)
    inspector.view(into: &frame)
    return frame.text
  }

  @Test("older than a minute, it is made once more, and runs where it is the same")
  func same() {
    var inspector = asked()
    #expect(starts(accept(&inspector)) == [.collection(.plan(.init()))])
    let effect = inspector.update(.message(.collection(.planned(snapshot()))), at: Self.late)
    #expect(starts(effect).contains(.change(.collect(snapshot().plan, keep: 600))))
  }

  @Test("a plan that is another one by then asks again and runs nothing")
  func other() {
    var inspector = asked()
    _ = accept(&inspector)
    let now = snapshot { $0.steps.remove(at: 0) }
    let effect = inspector.update(.message(.collection(.planned(now))), at: Self.late)
    #expect(!starts(effect).contains { if case .change = $0 { true } else { false } })
    #expect(screen(inspector).contains("list changed: this is the plan now"))
  }

  @Test("a question that was closed meanwhile is answered by no plan that comes later")
  func closed() {
    var inspector = asked()
    _ = accept(&inspector)
    _ = inspector.update(.key(.escape), at: Self.late)
    for _ in 0..<2 {
      let effect = inspector.update(.message(.collection(.planned(snapshot()))), at: Self.late)
      #expect(!starts(effect).contains { if case .change = $0 { true } else { false } })
      _ = inspector.update(.key(.character("C")), at: Self.late)
    }
  }

  @Test("a plan that cannot be made again runs nothing, and says why")
  func failed() {
    var inspector = asked()
    _ = accept(&inspector)
    let error = CacheError(.busy, "the index is locked")
    _ = inspector.update(
      .message(.failed(.collection(.plan(.init())), error)), at: Self.late)
    #expect(screen(inspector).contains("the index is locked"))
    let effect = inspector.update(.message(.collection(.planned(snapshot()))), at: Self.late)
    #expect(!starts(effect).contains { if case .change = $0 { true } else { false } })
  }

  @Test("a run tells of its steps, x ends it, and no second one is begun")
  func running() {
    let (inspector, later) = run("80x24")
    #expect(screen(inspector).contains("evicting: 1/3, 5.0 MiB free"))
    var again = inspector
    _ = again.update(.key(.character("C")), at: later)
    #expect(screen(again).contains("a plan is running: x stops it"))
    let effect = again.update(.key(.character("x")), at: later)
    #expect(effect.flattened.contains(.cancel(GCWork.runJob)))
  }

  @Test("on wide screens the strip of tasks has its progress, and x there ends it, too")
  func strip() {
    var (inspector, later) = run("160x50")
    let shown = screen(inspector, "160x50")
    #expect(shown.contains("evict 1/3, 5.0 MiB freed  ██████▎") && shown.contains("x cancel"))
    _ = inspector.update(.key(.backTab), at: later)
    let effect = inspector.update(.key(.character("x")), at: later)
    #expect(effect.flattened.contains(.cancel(GCWork.runJob)))
  }

  /// A run of three steps, of which one is done; five seconds later.
  private func run(_ size: String) -> (Inspector, Moment) {
    var inspector = asked(size)
    _ = accept(&inspector)
    _ = inspector.update(.message(.collection(.planned(snapshot()))), at: Self.late)
    var outcome = StepOutcome(snapshot().plan.steps[1], .removed)
    outcome.files = snapshot().plan.steps[1].files
    _ = inspector.update(.message(.collection(.step(outcome))), at: Self.late)
    for job in ["plan GC", "rows of the plan", "keep the plan"] {
      _ = inspector.update(.ended(JobID(job)), at: Self.late)
    }
    let later = Self.late.advanced(milliseconds: 5000)
    _ = inspector.update(.tick, at: later)
    return (inspector, later)
  }
}
