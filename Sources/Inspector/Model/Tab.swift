/// The screens; the numbers are fixed, whichever of them are shown.
package enum Tab: Int, Sendable, CaseIterable, Hashable {
  case overview = 1
  case entries = 2
  case leases = 3
  case migrations = 4
  case links = 5

  package var title: String {
    switch self {
    case .overview: "Overview"
    case .entries: "Entries"
    case .leases: "Leases"
    case .migrations: "Migrations"
    case .links: "Links"
    }
  }

  package func neighbour(_ step: Int) -> Tab {
    let all = Tab.allCases
    guard let place = all.firstIndex(of: self) else { return self }
    return all[(place + step + all.count) % all.count]
  }
}
