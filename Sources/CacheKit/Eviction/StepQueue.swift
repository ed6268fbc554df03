/// The steps of a run that are left, in the order in which they are carried out.
///
/// As they are given, but a tree that lies in another one before that: a run that is killed between the two
/// leaves no row without its files.
struct StepQueue {
  /// A place below the root; empty where ours removes nothing.
  typealias Place = [[UInt8]]

  private let places: [Place]
  /// The numbers of those that are left.
  private var waiting: ArraySlice<Int>
  /// How many of these have their files at a place.
  private var sharers: [Place: Int]
  /// A place of fewer names is a folder of the cache's own.
  private static let shallowest = 3

  /// `places` of the steps, by their numbers.
  init(_ places: [Place]) {
    self.places = places
    waiting = Self.order(places)[...]
    sharers = Dictionary(zip(places, repeatElement(1, count: places.count)), uniquingKeysWith: +)
  }

  /// The numbers of the steps that are left, the next one first.
  var rest: ArraySlice<Int> { waiting }

  /// Takes the first that is `urgent`, or the next one where none is.
  mutating func next(urgent: ((Int) -> Bool)? = nil) -> Int? {
    let urgentOne = urgent.flatMap { waiting.firstIndex(where: $0) }
    guard let number = urgentOne.map({ waiting.remove(at: $0) }) ?? waiting.popFirst() else {
      return nil
    }
    sharers[places[number]]? -= 1
    return number
  }

  /// Whether a step that is left has its files at the place, too.
  func isShared(_ place: Place) -> Bool { sharers[place, default: 0] > 0 }

  private static func order(_ places: [Place]) -> [Int] {
    let inner = innerSteps(places)
    guard !inner.isEmpty else { return Array(places.indices) }
    var order: [Int] = []
    var placed: Set<Int> = []
    for number in places.indices {
      // The deepest of them first.
      let before = (inner[places[number]] ?? []).sorted { places[$0].count > places[$1].count }
      for one in before + [number] where placed.insert(one).inserted { order.append(one) }
    }
    return order
  }

  /// By each place the steps that lie in it.
  private static func innerSteps(_ places: [Place]) -> [Place: [Int]] {
    let taken = Set(places)
    var inner: [Place: [Int]] = [:]
    for (number, place) in places.enumerated() where place.count > shallowest {
      for count in shallowest..<place.count {
        let outer = Array(place.prefix(count))
        if taken.contains(outer) { inner[outer, default: []].append(number) }
      }
    }
    return inner
  }
}
