package import CacheKit
package import TUI

/// What the screen of GC asks of a worker; running a plan is a change, for it has a dialog.
package enum GCWork: RoomWork {
  case plan(CollectionLimits.Changes)
  /// The entries of the window.
  case rows([Int64])
  /// Keeps the plan that a dialog shows, for its command.
  case save(CollectionPlan)

  package var job: JobID {
    switch self {
    case .plan: Self.planJob
    case .rows: JobID("rows of the plan")
    case .save: JobID("keep the plan")
    }
  }

  static let planJob = JobID("plan GC")
  package static let runJob = JobID("carry out the plan", .task)

  package func run(
    _ worker: CacheWorker, _ reporter: Reporter<Message>
  ) throws(CacheError) {
    let service = worker.service
    switch self {
    case .plan(let changes): reporter.send(.collection(.planned(try service.plan(changes))))
    case .rows(let ids): reporter.send(.collection(.rows(ids, try service.entries(ids))))
    case .save(let plan): service.save(plan)
    }
  }
}

/// What a worker reports to the screen of GC.
package enum GCNews: RoomNews {
  case planned(PlanSnapshot)
  /// What was asked for, and what is there.
  case rows([Int64], [EntryRow])
  /// One step of a run is done.
  case step(StepOutcome)
}

extension CacheWorker {
  /// Carries a plan or an eviction out, and tells of each step.
  func collect(_ change: Change, _ reporter: Reporter<Message>) throws(CacheError) {
    let isCancelled: @Sendable () -> Bool = { reporter.isCancelled }
    let progress: @Sendable (StepOutcome) -> Void = { reporter.send(.collection(.step($0))) }
    let report: ChangeReport
    switch change {
    case .collect(let plan, let keep):
      report = try service.collect(plan, keep: keep, isCancelled: isCancelled, progress: progress)
    case .evict(let targets, let terms):
      report = try service.evict(
        targets.ids, terms, isCancelled: isCancelled, progress: progress)
    default: report = try service.perform(change)
    }
    reporter.send(.changed(change, report))
  }
}

extension Work {
  package static func collection(_ work: GCWork) -> Work { .own(work) }
}

extension Message {
  package static func collection(_ news: GCNews) -> Message { .room(news) }
}
