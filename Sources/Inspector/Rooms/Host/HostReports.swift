internal import CacheKit
internal import TUI

extension HostRow {
  /// What `R` writes a report of; `nil` where the row is no holder.
  var reportSubject: ReportSubject? {
    if case .lock(let item) = self { return .lock(item.lock.path) }
    return process.map { .process($0.pid) }
  }
}

extension HostRoom {
  var reportObstacle: String? {
    row(table.selected)?.reportSubject == nil ? "no holder here" : nil
  }

  mutating func writeReport(in house: inout House) -> Effect<Work> {
    guard let subject = row(table.selected)?.reportSubject else { return .none }
    return house.start(.host(.report(subject)))
  }
}
