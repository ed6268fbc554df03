internal import CacheKit
internal import TUI

/// The cache as a map: kinds, the names of a kind, the entries of a name; the area is the size in the index.
struct CacheMap: Sendable {
  private(set) var shares: [KindShare]?
  /// True where the index may have changed since.
  var isStale = true
  /// What was gone into: a kind, then a name.
  private var path: [Group] = []
  private var cursor = 0

  /// A group that was gone into, and where the cursor was outside.
  private struct Group: Sendable {
    var name: RawText?
    var cursor: Int
  }

  /// One thing of a level.
  struct Item: Sendable {
    enum Goal: Hashable, Sendable {
      case inside(RawText?)
      case entry(Int64)
      /// The entries of a group, of which these are too small to be drawn.
      case rest(filter: String)
    }

    var tile: MapTile
    var amount: SpaceAmount
    var goal: Goal
  }

  mutating func take(_ new: [KindShare]) {
    shares = new
    isStale = false
    // A group may be gone.
    while !path.isEmpty, level.isEmpty { _ = goUp() }
  }

  // MARK: Levels
  /// What a level consists of, the largest first.
  private struct Level {
    var weights: [Int64] = []
    /// Those that were only counted.
    var others: (count: Int, weight: Int64) = (0, 0)
    var item: (Int) -> Item = { _ in preconditionFailure("an empty level has no item") }
    /// What shows the entries of the whole level.
    var filter = ""
    var total = SpaceAmount()

    var isEmpty: Bool { weights.isEmpty }
  }

  private var level: Level {
    guard let shares else { return Level() }
    guard let kindName = path.first else { return Self.level(of: shares) }
    guard let kind = shares.first(where: { $0.kind == kindName.name }) else { return Level() }
    guard path.count > 1 else { return Self.level(of: kind) }
    let name = kind.names.first { $0.name == path[1].name }
    return name.map { Self.level(of: $0) } ?? Level()
  }

  private static func level(of kinds: [KindShare]) -> Level {
    var level = Level(weights: kinds.map(\.amount.bytes))
    for kind in kinds {
      level.total.count += kind.amount.count
      level.total.bytes = sum(level.total.bytes, kind.amount.bytes)
      level.total.heldBytes = sum(level.total.heldBytes, kind.amount.heldBytes)
    }
    level.item = { index in
      let kind = kinds[index]
      var tile = tile(Format.text(kind.kind), kind.amount)
      tile.parts = kind.names.prefix(200).map { name in
        MapTile.Part(
          title: Format.text(name.name), weight: name.amount.bytes, heldShare: share(name.amount))
      }
      tile.others = rest(kind.amount.bytes, kind.nameCount, tile.parts.map(\.weight))
      return Item(tile: tile, amount: kind.amount, goal: .inside(kind.kind))
    }
    return level
  }

  private static func level(of kind: KindShare) -> Level {
    var level = Level(weights: kind.names.map(\.amount.bytes), total: kind.amount)
    level.others = rest(kind.amount.bytes, kind.nameCount, level.weights)
    level.filter = "kind:\(word(kind.kind))"
    level.item = { index in
      let name = kind.names[index]
      var tile = tile(Format.text(name.name), name.amount)
      tile.parts = name.items.map { item in
        MapTile.Part(
          title: Format.version(item.version), weight: item.bytes, heldShare: item.isHeld ? 1 : 0)
      }
      tile.others = rest(
        name.amount.bytes, Int(clamping: name.amount.count), tile.parts.map(\.weight))
      // A name with one entry is that entry.
      let only = name.amount.count == 1 ? name.items.first : nil
      return Item(
        tile: tile, amount: name.amount, goal: only.map { .entry($0.id) } ?? .inside(name.name))
    }
    return level
  }

  private static func level(of name: NameShare) -> Level {
    var level = Level(weights: name.items.map(\.bytes), total: name.amount)
    level.others = rest(name.amount.bytes, Int(clamping: name.amount.count), level.weights)
    level.filter = "kind:\(word(name.kind)) name:\(word(name.name))"
    level.item = { index in
      let item = name.items[index]
      var amount = SpaceAmount()
      amount.add(item.bytes, isHeld: item.isHeld)
      return Item(
        tile: tile(Format.version(item.version), amount), amount: amount, goal: .entry(item.id))
    }
    return level
  }

  private static func tile(_ title: String, _ amount: SpaceAmount) -> MapTile {
    var tile = MapTile(title: title, heldShare: share(amount))
    let count = Format.count(Int(clamping: amount.count), "entry", plural: "entries")
    tile.lines =
      amount.count > 1 ? [Format.size(amount.bytes), count] : [Format.size(amount.bytes)]
    return tile
  }

  private static func share(_ amount: SpaceAmount) -> Double {
    amount.bytes > 0 ? Double(amount.heldBytes) / Double(amount.bytes) : 0
  }

  private static func rest(
    _ total: Int64, _ count: Int, _ weights: [Int64]
  ) -> (count: Int, weight: Int64) {
    (max(0, count - weights.count), max(0, total - weights.reduce(0) { sum($0, $1) }))
  }

  private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
    let (value, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : value
  }

  /// A name in a filter: a blank would end the word.
  private static func word(_ name: RawText?) -> String {
    String(Format.text(name).prefix { !$0.isWhitespace })
  }

  // MARK: Places
  /// Room for the tiles, and the line that tells of the one under the cursor.
  private static func parts(_ rect: Rect) -> (tiles: Rect, line: Rect) {
    var rest = rect
    let line = rest.takeBottom(1)
    return (rest, line)
  }

  private static func shares(_ level: Level, in rect: Rect) -> MapShares {
    MapShares(level.weights, others: level.others, in: parts(rect).tiles, least: MapTile.least)
  }

  private func item(_ index: Int, _ level: Level, _ shares: MapShares) -> Item {
    guard index >= shares.places.count else { return level.item(index) }
    var amount = SpaceAmount(count: Int64(shares.restCount))
    let shown = level.weights.prefix(index).reduce(0) { Self.sum($0, $1) }
    amount.bytes = max(0, level.total.bytes - shown)
    let title = "\(Format.grouped(shares.restCount)) more"
    return Item(
      tile: MapTile(title: title, lines: [Format.size(amount.bytes)]), amount: amount,
      goal: .rest(filter: level.filter))
  }

  // MARK: Keys
  mutating func move(_ key: Key, in rect: Rect) {
    let all = Self.shares(level, in: rect).all
    guard !all.isEmpty else { return }
    let now = min(cursor, all.count - 1)
    switch key {
    case .home, .character("g"): cursor = 0
    case .end, .character("G"): cursor = all.count - 1
    default:
      guard let direction = Direction(key) else { return }
      cursor = direction.neighbour(of: all[now], in: all) ?? now
    }
  }

  mutating func click(_ point: Point, in rect: Rect) -> Bool {
    guard let hit = Self.shares(level, in: rect).all.firstIndex(where: { $0.contains(point) })
    else { return false }
    cursor = hit
    return true
  }

  /// Enter: into the group, or what the entries of the tile are; `nil` where it went in.
  mutating func open(in rect: Rect) -> Goal? {
    let level = level
    let shares = Self.shares(level, in: rect)
    guard !shares.all.isEmpty else { return nil }
    switch item(min(cursor, shares.all.count - 1), level, shares).goal {
    case .inside(let name):
      path.append(Group(name: name, cursor: cursor))
      cursor = 0
      return nil
    case .entry(let id): return .entry(id)
    case .rest(let filter): return .entries(filter: filter)
    }
  }

  /// Esc: out of the group; false where the map itself is to be left.
  mutating func goUp() -> Bool {
    guard let group = path.popLast() else { return false }
    cursor = group.cursor
    return true
  }

  // MARK: Picture
  /// Where in the cache it is.
  func place(_ glyphs: Glyphs) -> String {
    let level = level
    let names = ["map of the cache"] + path.map { Format.text($0.name) }
    let count = Format.count(Int(clamping: level.total.count), "entry", plural: "entries")
    guard shares != nil else { return names.joined(separator: " / ") }
    return "\(names.joined(separator: " / ")) \(glyphs.dot) \(count), "
      + Format.size(level.total.bytes)
  }

  func draw(_ rect: Rect, frame: inout Frame) {
    let level = level
    let shares = Self.shares(level, in: rect)
    guard !shares.all.isEmpty else {
      let words = self.shares == nil ? "reading" : "nothing here has a size"
      frame.put(words, x: rect.x + 2, y: rect.y, style: .dim)
      return
    }
    let selected = min(cursor, shares.all.count - 1)
    for (index, place) in shares.all.enumerated() {
      item(index, level, shares).tile.draw(place, isSelected: index == selected, frame: &frame)
    }
    let item = item(selected, level, shares)
    let line = Self.parts(rect).line
    let text = TextCut.end(words(item, level), to: rect.width - 2, glyphs: frame.glyphs)
    frame.put(text, x: line.x + 1, y: line.y)
  }

  /// The tile under the cursor as a sentence, so that nobody has to measure areas.
  private func words(_ item: Item, _ level: Level) -> String {
    let whole = max(1, level.total.bytes)
    let percent = Int((Double(item.amount.bytes) / Double(whole) * 100).rounded())
    var words = "\(item.tile.title): \(Format.size(item.amount.bytes)) (\(percent) %)"
    if item.amount.count != 1 {
      words += ", " + Format.count(Int(clamping: item.amount.count), "entry", plural: "entries")
    }
    if case .rest = item.goal { return words + ", each too small to be drawn" }
    if item.amount.heldBytes > 0 { words += ", \(Format.size(item.amount.heldBytes)) held" }
    return words
  }
}
