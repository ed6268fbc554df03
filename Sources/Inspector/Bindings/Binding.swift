package import TUI

/// How a change is guarded.
package enum Tier: Sendable, Hashable {
  /// Nothing to guard: it reads, moves, or can be undone by the same key.
  case none
  /// A dialog whose accept key is a letter of the action.
  case confirm
  /// A dialog where something must be typed.
  case typed
}

/// One thing that a key does: dispatch, footer, help, palette and action menu are made of these.
package struct Binding: Sendable, Identifiable {
  package let id: String
  package let keys: [Key]
  /// The words in the footer and in menus.
  package let words: String
  /// The sentence in the help.
  package let help: String
  /// Where the keys mean this; `nil` is everywhere.
  package let tabs: Set<Tab>?
  package let tier: Tier
  /// True for what changes the cache: hidden in read-only mode.
  package let isChange: Bool
  /// True for what starts another program: hidden where none may be started.
  package let startsProgram: Bool
  /// The place in the footer, lowest first; `nil` keeps it out.
  package let footer: Int?
  /// True for what acts on the row under the cursor: listed in the action menu.
  package let isForRow: Bool
  /// True for what asks the host itself, which a snapshot is not.
  package let needsHost: Bool
  /// Why it cannot be done in this state, or `nil`; ask `hindrance`.
  let obstacle: @Sendable (Inspector) -> String?
  let run: @Sendable (inout Inspector, Key) -> Effect<Work>

  init(
    _ id: String, _ keys: [Key], _ words: String, _ help: String, tabs: Set<Tab>? = nil,
    tier: Tier = .none, isChange: Bool = false, startsProgram: Bool = false, footer: Int? = nil,
    isForRow: Bool = false, needsHost: Bool = false,
    obstacle: @escaping @Sendable (Inspector) -> String? = { _ in nil },
    run: @escaping @Sendable (inout Inspector, Key) -> Effect<Work>
  ) {
    self.id = id
    self.keys = keys
    self.words = words
    self.help = help
    self.tabs = tabs
    self.tier = tier
    self.isChange = isChange
    self.startsProgram = startsProgram
    self.footer = footer
    self.isForRow = isForRow
    self.needsHost = needsHost
    self.obstacle = obstacle
    self.run = run
  }

  /// False for what this mode rules out, whatever the row: it is not offered.
  func isOffered(_ inspector: Inspector) -> Bool {
    !(isChange && inspector.house.readOnlyReason != nil)
      && !(needsHost && inspector.house.facts?.snapshot != nil)
      && !(startsProgram && inspector.house.programObstacle != nil)
  }

  /// Why it cannot be done now, or `nil`.
  func hindrance(_ inspector: Inspector) -> String? {
    (startsProgram ? inspector.house.programObstacle : nil) ?? obstacle(inspector)
  }

  package func isValid(on tab: Tab) -> Bool { tabs?.contains(tab) ?? true }

  /// The keys as the help shows them: `j, Down`.
  package var keyNames: String { keys.map(\.name).joined(separator: ", ") }

  static func find(_ key: Key, on tab: Tab) -> Binding? {
    all.first { $0.keys.contains(key) && $0.isValid(on: tab) }
  }

  /// The same where the keys go to the tasks, too.
  static func find(_ key: Key, in inspector: Inspector) -> Binding? {
    let own = inspector.house.areTasksFocused ? taskBindings.first { $0.keys.contains(key) } : nil
    return own ?? find(key, on: inspector.house.tab)
  }

  /// What the keys mean now: on this screen, and where they go on it.
  static func valid(in inspector: Inspector) -> [Binding] {
    let screen = all.filter { $0.isValid(on: inspector.house.tab) }
    guard inspector.house.areTasksFocused else { return screen }
    let taken = Set(taskBindings.flatMap(\.keys))
    return taskBindings + screen.filter { taken.isDisjoint(with: $0.keys) }
  }

  static func named(_ id: String) -> Binding? { all.first { $0.id == id } }

  /// Every binding of the program, screens first, so that they stand before the general ones.
  package static let all: [Binding] =
    Rooms.all.flatMap { $0.bindings } + listBindings + generalBindings
}
