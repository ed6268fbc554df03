internal import TUI

extension Inspector {
  mutating func press(_ key: Key) -> Effect<Work> {
    // What was said of the last key does not stand beside what this one does; results stay a while.
    if house.note?.expires == nil || house.note?.role == .text { house.note = nil }
    if let overlay = house.overlay {
      // A terminal stops whatever is in front.
      if key == .control("z"), let stop = Binding.find(key, in: self) { return run(stop, key) }
      return overlay.press(key, in: &self)
    }
    guard let binding = Binding.find(key, in: self) else {
      let name = key == .unknown ? "this key" : "'\(Format.text(key.name))'"
      house.say("no action on \(name) here, ? for help")
      return .none
    }
    return run(binding, key)
  }

  /// Runs a binding, or says why it cannot.
  mutating func run(_ binding: Binding, _ key: Key) -> Effect<Work> {
    if let reason = binding.hindrance(self) {
      if binding.isChange {
        house.refuse(reason, key, change: changeAsOwner(binding, key))
      } else {
        house.say(reason, .warn)
      }
      return .none
    }
    return binding.run(&self, key) + grantWish()
  }

  /// What the key would ask for, were it only for the owner's rights: tried on a copy, of which nothing runs.
  private func changeAsOwner(_ binding: Binding, _ key: Key) -> Change? {
    guard house.ownCommandAsOwner != nil else { return nil }
    var owned = self
    owned.house.facts?.readOnlyReason = nil
    guard binding.hindrance(owned) == nil else { return nil }
    _ = binding.run(&owned, key)
    return owned.house.dialog?.action
  }

  mutating func paste(_ text: String) -> Effect<Work> {
    if let overlay = house.overlay { return overlay.paste(text, in: &self) }
    house.say("pasted text is never taken for keys: press / first")
    return .none
  }
}
