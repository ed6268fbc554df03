import CacheKit
import Inspector
import TUI

/// Events of the log, a line each: for people, or as JSON.
struct LogOutput {
  let isJSON: Bool
  let usesColor: Bool
  let usesUTC: Bool

  func write(_ events: [LeaseEvent], _ output: Output) {
    for event in events { isJSON ? writeJSON(event, output) : writeText(event, output) }
    output.flush()
  }

  private func writeText(_ event: LeaseEvent, _ output: Output) {
    let time = Format.time(event.time, utc: usesUTC)
    let (word, role) = event.word
    let shown = TextTable.colored(word, Self.role(role), usesColor)
    let pad = String(repeating: " ", count: max(0, 7 - word.count))
    output.line("\(time)  \(shown)\(pad)  \(event.subject)  \(event.words)")
  }

  private static func role(_ role: Role) -> TextTable.Role {
    switch role {
    case .bad: .bad
    case .warn: .warn
    case .ok: .ok
    case .dim: .quiet
    default: .plain
    }
  }

  private func writeJSON(_ event: LeaseEvent, _ output: Output) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.field("schema", 1)
      writer.field("time", event.time)
      writer.field("event", event.kind.rawValue)
      writer.field("lease") { $0.followed(event.lease) }
      writer.field("entry_id", event.entryID)
      writer.field("name") { $0.name(event.name) }
      writer.field("phase", event.phase?.rawValue)
      writer.field("bytes", event.bytes)
      writer.field("held_seconds", event.held)
      writer.field("cause", event.cause?.rawValue)
      writer.field("lock") { $0.followed(event.lock, event.lockVerdict) }
      writer.field("message", event.message)
    }
    writer.end()
  }
}

extension JSONWriter {
  fileprivate mutating func followed(_ lease: JudgedLease?) {
    guard let lease else { return nullValue() }
    object { writer in
      writer.field("id", lease.lease.id.description)
      writer.lease(lease)
    }
  }

  fileprivate mutating func name(_ parts: [RawText]) {
    guard parts.count == 3 else { return nullValue() }
    object { writer in
      writer.field("kind", parts[0])
      writer.field("stem", parts[1])
      writer.field("version", parts[2])
    }
  }

  fileprivate mutating func followed(_ lock: InstallLock?, _ verdict: InstallLock.Verdict?) {
    guard let lock else { return nullValue() }
    object { writer in
      writer.field("path", lock.path)
      writer.field("package", lock.owner?.package)
      writer.field("owner_pid", lock.owner?.pid)
      writer.field("verdict", verdict?.rawValue)
    }
  }
}
