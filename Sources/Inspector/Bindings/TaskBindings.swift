internal import TUI

extension Binding {
  /// What the keys mean while they go to the strip of tasks.
  package static let taskBindings: [Binding] = [
    Binding(
      "cancel-task", [.character("x")], "cancel/clear",
      "cancel the task, or clear a finished one", footer: 0,
      obstacle: { $0.house.taskObstacle }, run: { inspector, _ in inspector.house.cancelTask() })
  ]
}
