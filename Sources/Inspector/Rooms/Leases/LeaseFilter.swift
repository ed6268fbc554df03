internal import CacheKit
internal import TUI

/// A filter over leases, read from one line: words, `!word`, `/regex/`, and fields such as
/// `verdict:dead`, `pid:41207`, `user:ada`, `kind:lnk`, `age>6h`, `size>100M`, `stuck`.
struct LeaseFilter: LineFilter, Hashable {
  let text: String
  private let terms: [FilterTerm]

  init(_ text: String) {
    self.text = text
    terms = FilterTerm.parse(text)
  }

  static let fields = FilterFields(
    texts: ["verdict", "user", "kind", "name", "holder"],
    values: [
      "pid": FilterFields.number, "entry": FilterFields.number, "id": FilterFields.number,
      "ref": FilterFields.number, "age": FilterFields.age, "size": FilterFields.size,
      "blocks": FilterFields.size,
    ], aliases: ["state", "id", "blocks"])

  var problem: String? { terms.lazy.compactMap { $0.problem(Self.fields) }.first }

  func matches(_ row: LeaseRow, now: Int64) -> Bool {
    terms.allSatisfy { $0.isNegated != matches($0, row, now) }
  }

  private func matches(_ term: FilterTerm, _ row: LeaseRow, _ now: Int64) -> Bool {
    let typed = term.typed
    return switch term.meaning {
    case .word("stuck"): row.judgement.verdict.isProvablyStuck
    case .word("problem"):
      ![.live, .self, .pin].contains(row.judgement.verdict) || !row.lease.problems.isEmpty
    case .word(let word): visibleText(row).contains(word)
    case .pattern(let pattern): pattern.matches(visibleText(row))
    case .field(let name, let sign, let value):
      matches(name, sign, value, row, now) ?? visibleText(row).contains(typed.lowercased())
    }
  }

  private func visibleText(_ row: LeaseRow) -> String {
    let pid = row.lease.id.holderPID.map(String.init) ?? ""
    let user = row.judgement.holder?.userName ?? ""
    return [
      row.judgement.verdict.rawValue, pid, user, LeaseColumns.holder(row),
      LeaseColumns.entry(row.lease),
    ].joined(separator: " ").lowercased()
  }

  /// `nil` where there is no such field: what was typed is a word then.
  private func matches(
    _ name: String, _ sign: String, _ value: String, _ row: LeaseRow, _ now: Int64
  ) -> Bool? {
    let lease = row.lease
    switch name {
    case "verdict", "state":
      let names = value == "ns" ? "namespace" : value
      return row.judgement.verdict.rawValue.hasPrefix(names)
    case "pid": return FilterTerm.compare(lease.id.holderPID, sign, Int64(value))
    case "entry", "id": return FilterTerm.compare(lease.id.entryID, sign, Int64(value))
    case "ref": return FilterTerm.compare(lease.refcount, sign, Int64(value))
    case "user": return (row.judgement.holder?.userName ?? "").lowercased().hasPrefix(value)
    case "kind": return Format.text(lease.entry?.kind).lowercased().contains(value)
    case "name": return LeaseColumns.entry(lease).lowercased().contains(value)
    case "holder": return LeaseColumns.holder(row).lowercased().contains(value)
    case "age":
      let age = lease.acquiredAt.map { now.subtractingReportingOverflow($0).partialValue }
      return FilterTerm.compare(age, sign, Age.parse(value))
    case "size", "blocks":
      let bytes = ByteSize.parse(value).map { Int64(clamping: $0) }
      return FilterTerm.compare(lease.entry?.bytes, sign, bytes)
    default: return nil
    }
  }
}
