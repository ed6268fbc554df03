internal import CacheKit
internal import TUI

/// What lies over the screen and takes the keys: a value that a room opens and gets an answer from.
protocol Overlay: Sendable {
  /// Leaves itself open by putting itself back into the house.
  func press(_ key: Key, in inspector: inout Inspector) -> Effect<Work>
  /// Pasted text is text, never keys.
  func paste(_ text: String, in inspector: inout Inspector) -> Effect<Work>
  /// Nothing is ever accepted by a click.
  func click(_ point: Point, in inspector: inout Inspector) -> Effect<Work>
  /// True where the list lies in the open: the wheel turns that.
  var leavesListOpen: Bool { get }
  /// True for a list of its own, for which the keys of the list below mean nothing.
  var coversList: Bool { get }
  /// Its own keys, for the footer, where it covers the list.
  var footerWords: String { get }
  func draw(_ layout: Layout, in inspector: Inspector, frame: inout Frame)
}

extension Overlay {
  func paste(_ text: String, in inspector: inout Inspector) -> Effect<Work> { .none }
  func click(_ point: Point, in inspector: inout Inspector) -> Effect<Work> { .none }
  var leavesListOpen: Bool { false }
  var coversList: Bool { false }
  var footerWords: String { "" }
}

/// What a dialog asks about.
protocol Answer: Equatable, Sendable {
  /// What follows from a key, a click or the time in a dialog; no answer closes it.
  static func settle(
    _ dialog: Dialog<Self>, _ outcome: Dialog<Self>.Outcome, _ key: Key?,
    in inspector: inout Inspector
  ) -> Effect<Work>
}

extension Dialog: Overlay where Action: Answer {
  func press(_ key: Key, in inspector: inout Inspector) -> Effect<Work> {
    var dialog = self
    let outcome = dialog.handle(key, at: inspector.house.clock)
    return Action.settle(dialog, outcome, key, in: &inspector)
  }

  func paste(_ text: String, in inspector: inout Inspector) -> Effect<Work> {
    var dialog = self
    dialog.insert(text)
    inspector.house.overlay = dialog
    return .none
  }

  func click(_ point: Point, in inspector: inout Inspector) -> Effect<Work> {
    var dialog = self
    let size = inspector.house.size
    if let field = dialog.field(at: point, in: size) {
      dialog.enterField(at: field)
      inspector.house.overlay = dialog
      return .none
    }
    guard let button = dialog.button(at: point, in: size) else { return .none }
    let outcome = dialog.click(button)
    return Action.settle(dialog, outcome, nil, in: &inspector)
  }

  func draw(_ layout: Layout, in inspector: Inspector, frame: inout Frame) {
    draw(into: &frame)
  }
}

extension Change: Answer {
  static func settle(
    _ dialog: Dialog<Change>, _ outcome: Dialog<Change>.Outcome, _ key: Key?,
    in inspector: inout Inspector
  ) -> Effect<Work> {
    switch outcome {
    case .stay: inspector.house.overlay = dialog
    case .close: inspector.house.overlay = nil
    case .accept(let change): return inspector.accept(change, of: dialog)
    case .showCommands: inspector.house.showCommands(of: dialog, key)
    }
    return .none
  }
}

extension Inspector {
  /// The first room that has to do with the change takes the answer; else it is carried out.
  mutating func accept(_ change: Change, of dialog: Dialog<Change>) -> Effect<Work> {
    house.overlay = nil
    if case .pin(let targets, _) = change { return house.pin(targets, dialog) }
    var answer: Effect<Work>?
    _ = withEachRoom { room, house in
      answer = answer ?? room.accept(change, of: dialog, in: &house)
      return .none
    }
    return answer ?? house.start(.change(change))
  }
}

extension House {
  fileprivate mutating func showCommands(of dialog: Dialog<Change>, _ key: Key?) {
    var commands = dialog.commands
    if let change = dialog.action, change.isEviction {
      commands = change.filled(by: dialog).commands(cacheOption: settings.cacheOption)
    }
    if case .pin(let targets, _)? = dialog.action {
      let typed = Change.pin(targets, pinTerms(dialog))
      commands = typed.commands(cacheOption: settings.cacheOption)
    }
    let lines = commands.map { Dialog<Change>.Line($0, .strong) }
    show(.notice(title: "Equivalent commands", lines: lines, at: clock, openedBy: key))
  }
}
