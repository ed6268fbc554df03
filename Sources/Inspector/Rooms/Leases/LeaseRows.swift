package import CacheKit

/// The leases of a snapshot as rows of a list: each is made when it is asked for.
package struct LeaseRows: RandomAccessCollection, Sendable, Hashable {
  package let leases: JudgedLeases

  init(_ leases: JudgedLeases) {
    self.leases = leases
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { leases.count }

  package subscript(place: Int) -> LeaseRow {
    let judged = leases[place]
    return LeaseRow(lease: judged.lease, judgement: judged.judgement)
  }

  func id(at place: Int) -> LeaseRow.ID {
    LeaseRow.ID(name: leases.name(at: place), rowID: leases.rowID(at: place))
  }

  /// The place of a row, or `nil` where it is not there any more.
  func place(of id: LeaseRow.ID) -> Int? {
    guard let place = leases.place(ofRow: id.rowID), leases.name(at: place) == id.name else {
      return nil
    }
    return place
  }

  func row(_ id: LeaseRow.ID) -> LeaseRow? { place(of: id).map { self[$0] } }

  /// The row of a lease, as long as it says the same.
  func row(of lease: Lease) -> LeaseRow? {
    guard let row = row(LeaseRow.ID(name: lease.id, rowID: lease.rowID)), row.lease == lease else {
      return nil
    }
    return row
  }

  /// The leases on an entry.
  func rows(onEntry id: Int64) -> some RandomAccessCollection<LeaseRow> {
    leases.places(onEntry: id).lazy.map { self[Int($0)] }
  }

  func rows(where condition: (LeaseVerdict) -> Bool) -> [LeaseRow] {
    leases.rows(where: condition).map { LeaseRow(lease: $0.lease, judgement: $0.judgement) }
  }
}
