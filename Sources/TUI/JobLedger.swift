/// Which jobs run and which wait: the rules of `JobID.Kind`, without any thread.
package struct JobLedger<Work: Equatable & Sendable>: Sendable {
  package struct Job: Sendable {
    package let id: JobID
    package let serial: Int
    package let work: Work
    package let token: CancelToken
  }

  private var running: [JobID: Job] = [:]
  private var waiting: [JobID: Work] = [:]
  private var lastSerial = 0

  package init() {}

  package var isIdle: Bool { running.isEmpty }
  package var runningIDs: Set<JobID> { Set(running.keys) }

  /// Takes a job; returns it where it should run now.
  package mutating func start(_ work: Work, as id: JobID) -> Job? {
    guard let before = running[id] else { return launch(work, as: id) }
    if id.kind == .query {
      before.token.cancel()
      waiting[id] = work
    }
    return nil
  }

  private mutating func launch(_ work: Work, as id: JobID) -> Job {
    lastSerial += 1
    let job = Job(id: id, serial: lastSerial, work: work, token: CancelToken())
    running[id] = job
    return job
  }

  package mutating func cancel(_ id: JobID) {
    waiting[id] = nil
    running[id]?.token.cancel()
  }

  package mutating func cancelAll() {
    waiting = [:]
    for job in running.values { job.token.cancel() }
  }

  /// True where a report of this job is still wanted; that of a change or a task always is.
  package func accepts(_ serial: Int, of id: JobID) -> Bool {
    guard let job = running[id], job.serial == serial else { return false }
    return id.kind == .change || id.kind == .task || !job.token.isCancelled
  }

  /// Ends a job; returns the one that waited for it.
  package mutating func end(_ id: JobID) -> Job? {
    running[id] = nil
    return waiting.removeValue(forKey: id).map { launch($0, as: id) }
  }
}
