internal import TUI

// Where the keys go, and how much room the details have.
extension House {
  mutating func openDetails() {
    pane.isFull = true
    pane.top = 0
  }

  /// `i`: hides the pane, and gives the keys back to the list.
  mutating func toggleDetails() {
    pane.isShown.toggle()
    if !pane.isShown { pane.isFocused = false }
  }

  /// `+` and `_`: counts only what the screen has room for, so that the other key works at once.
  mutating func growDetails(by step: Int) {
    let before = layout.details
    pane.growth += step
    if layout.details == before { pane.growth -= step }
  }

  /// The keys go to the details.
  var areDetailsFocused: Bool { (pane.isFocused || pane.isFull) && layout.details != nil }
  var areTasksFocused: Bool { pane.focus == .tasks && !pane.isFull && layout.tasks != nil }

  /// Tab and shift-Tab: the list, the details, the tasks, and round; what is not shown is left out.
  mutating func moveFocus(_ key: Key) {
    let layout = layout
    var places = [DetailsPane.Focus.list]
    if layout.details != nil { places.append(.details) }
    if layout.tasks != nil { places.append(.tasks) }
    let now = places.firstIndex(of: pane.focus) ?? 0
    let step = key == .backTab ? places.count - 1 : 1
    pane.focus = places[(now + step) % places.count]
  }

  /// Why Tab has nowhere to go, or `nil`.
  var focusObstacle: String? { layout.tasks == nil ? scrollObstacle : nil }

  /// Why no details can be scrolled, or `nil`.
  var scrollObstacle: String? {
    let layout = layout
    guard layout.details == nil else { return nil }
    guard Rooms.kind(of: tab).offers.contains(.details) else {
      return "there is nothing beside the list"
    }
    let isRoomy = layout.mode == .stacked || layout.mode == .wide
    return isRoomy ? "the details are not on the screen: i shows them" : "Enter opens the details"
  }
}
