internal import TUI

extension Inspector {
  mutating func press(_ key: Key) -> Effect<Work> {
    if note?.expires == nil { note = nil }
    switch overlay {
    case .dialog(let dialog): return press(key, dialog)
    case .leaving(let dialog): return press(key, dialog)
    case .help(let state): return press(key, state)
    case .filter(let state): return press(key, state)
    case .menu(let menu): return press(key, menu)
    case .palette(let state): return press(key, state)
    case .journal(let state): return press(key, state)
    case .folder(let prompt): return press(key, prompt)
    case nil: return pressOnScreen(key)
    }
  }

  private mutating func pressOnScreen(_ key: Key) -> Effect<Work> {
    guard let binding = Binding.find(key, in: self) else {
      let name = key == .unknown ? "this key" : "'\(Format.text(key.name))'"
      say("no action on \(name) here, ? for help")
      return .none
    }
    return run(binding, key)
  }

  /// Runs a binding, or says why it cannot.
  mutating func run(_ binding: Binding, _ key: Key) -> Effect<Work> {
    if let reason = binding.hindrance(self) {
      if binding.isChange { refuse(reason, key) } else { say(reason, .warn) }
      return .none
    }
    return binding.run(&self, key)
  }

  private mutating func press(_ key: Key, _ dialog: Dialog<Change>) -> Effect<Work> {
    var dialog = dialog
    let outcome = dialog.handle(key, at: clock)
    return settle(dialog, outcome, key)
  }

  /// What follows from a key or from the time in a dialog.
  mutating func settle(
    _ dialog: Dialog<Change>, _ outcome: Dialog<Change>.Outcome, _ key: Key?
  ) -> Effect<Work> {
    switch outcome {
    case .stay: overlay = .dialog(dialog)
    case .close: overlay = nil
    case .accept(let change):
      if case .materialize = change { return acceptTarget(dialog) }
      overlay = nil
      if case .pin(let targets, _) = change { return pin(targets, dialog) }
      if case .fetch(let links) = change { return startFetch(change, links) }
      return start(.change(change))
    case .showCommands:
      var commands = dialog.commands
      if case .pin(let targets, _)? = dialog.action {
        let typed = Change.pin(targets, pinTerms(dialog))
        commands = typed.commands(cacheOption: settings.cacheOption)
      }
      let lines = commands.map { Dialog<Change>.Line($0, .strong) }
      show(.notice(title: "The same by command", lines: lines, at: clock, openedBy: key))
    }
    return .none
  }

  /// Pasted text is text, never keys.
  mutating func paste(_ text: String) -> Effect<Work> {
    switch overlay {
    case .filter(var state):
      state.field.insert(text)
      overlay = .filter(state)
      return setFilter(state.field.text)
    case .folder(var prompt):
      prompt.field.insert(text)
      overlay = .folder(prompt)
    case .palette(var state):
      state.field.insert(text)
      overlay = .palette(state)
    case .help(var state):
      state.field.insert(text)
      overlay = .help(state)
    case nil: say("what is pasted is text, not keys: open the filter first")
    case .dialog(var dialog):
      dialog.insert(text)
      overlay = .dialog(dialog)
    case .leaving, .menu, .journal: break
    }
    return .none
  }
}
