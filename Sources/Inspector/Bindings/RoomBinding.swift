internal import TUI

extension Room {
  /// A binding of this room: it means something here alone, and acts on the room and the house.
  static func own(
    _ id: String, _ keys: [Key], _ words: String, _ help: String, tier: Tier = .none,
    isChange: Bool = false, startsProgram: Bool = false, footer: Int? = nil,
    isForRow: Bool = false, needsHost: Bool = false,
    obstacle: @escaping @Sendable (Self, House) -> String? = { _, _ in nil },
    run: @escaping @Sendable (inout Self, inout House, Key) -> Effect<Work>
  ) -> Binding {
    Binding(
      id, keys, words, help, tabs: [tab], tier: tier, isChange: isChange,
      startsProgram: startsProgram, footer: footer, isForRow: isForRow,
      needsHost: needsHost,
      obstacle: { obstacle($0.room(Self.self), $0.house) },
      run: { inspector, key in
        inspector.with(Self.self) { room, house in run(&room, &house, key) }
      })
  }
}
