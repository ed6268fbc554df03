internal import CacheKit
internal import TUI

extension Tab {
  package static let overview = Tab(1, "Overview")
}

/// How full the cache is and of what, what is wrong, and what was done lately.
struct OverviewRoom: Room {
  static let tab = Tab.overview
  static let offers: Offers = [.shell, .budgets]

  var table = TableState<String>()
  private(set) var problems: [Problem] = []
  /// All but the budgets; made anew when what they show was read.
  private(set) var pictures: [Picture] = []
  /// The bar under the cursor; `nil` while the cursor is in the list of problems.
  var spot: Spot?
  /// The cache as a map, while it is shown.
  var map: CacheMap?

  init(_ settings: Settings) {}

  var selectedProblem: Problem? {
    spot == nil && map == nil ? problems.first { $0.id == table.selected } : nil
  }

  /// What is counted wherever problems are: notes are none.
  var problemCount: Int { problems.map(\.finding).problemCount }

  func count(in house: House) -> String { problemCount == 0 ? "" : " !\(problemCount)" }

  func status(in house: House) -> (left: String, right: String) {
    if let map { return (map.place(house.glyphs), "hatched: held by a lease or a pin") }
    let reason = house.facts.map { "chosen by \(Format.text($0.reason))" } ?? ""
    return (reason, house.facts.map { Format.text($0.fileSystem) } ?? "")
  }

  func details(in house: House) -> Details { Details(title: selectedProblem?.title ?? "") }

  mutating func noteNews(in house: House) {
    problems = house.problems
    table.replace(with: problems.map(\.id))
  }

  // MARK: News
  mutating func receive(_ message: Message, in house: inout House) -> Effect<Work> {
    switch message {
    case .figures, .leaseSnapshot: makePictures(in: house)
    default: break
    }
    if case .shares(let shares)? = message.own(OverviewNews.self) {
      map?.take(shares)
    }
    return .none
  }

  private mutating func makePictures(in house: House) {
    pictures =
      house.figures.map {
        Picture.all($0, house.leases, glyphs: house.glyphs, utc: house.settings.usesUTC)
      } ?? []
    guard let spot, let picture = picture(spot.picture) else { return }
    // A bar may be gone: the cursor stays as near as it can.
    self.spot =
      picture.rows.isEmpty
      ? nil
      : Spot(
        picture: spot.picture, row: min(spot.row, picture.rows.count - 1))
  }

  func picture(_ id: Picture.ID) -> Picture? { pictures.first { $0.id == id } }

  mutating func wants(in house: inout House) -> Effect<Work> {
    guard Self.isShown(in: house), let map, map.isStale,
      house.running[OverviewWork.job] == nil, house.faults[OverviewWork.job] == nil
    else { return .none }
    return house.start(.overview(.shares))
  }

  mutating func reload(in house: inout House) -> Effect<Work> {
    map?.isStale = true
    house.faults[OverviewWork.job] = nil
    return .none
  }

  /// The map is what Entries leads to.
  mutating func show(_ target: RowTarget) -> String? {
    map = CacheMap()
    return nil
  }
}
