import ArgumentParser
import CacheKit
import Inspector

struct MigrationsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrations", abstract: "Lists applied, pending and unknown migrations.")

  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions
  @OptionGroup var snapshot: SnapshotOption

  func run() throws {
    try options.run(from: snapshot) { context, output in
      let inspected = try context.inspect()
      let status = try inspected.migrations()
      if options.json {
        var writer = JSONWriter(output)
        writer.object { writer in
          writer.header(context.location, inspected.source)
          writer.migrations(status)
          writer.failure(inspected.damage)
        }
        writer.end()
      } else {
        writeText(status, context.location, output)
      }
      return inspected.damage
    }
  }

  private func writeText(
    _ status: MigrationStatus, _ location: CacheLocation, _ output: Output
  ) {
    var table = TextTable(
      output,
      [
        .init(title: "STATE"), .init(title: "ID"), .init(title: "APPLIED"),
        .init(title: "WHAT IT DOES"),
      ], usesColor: options.usesColor)
    for item in status.items {
      table.add(
        [
          item.state.rawValue, Format.text(item.id),
          Format.time(item.appliedAt, utc: options.now != nil),
          Format.text(item.summary ?? "not known to this version"),
        ], role: item.state.role)
    }
    table.finish()
    if let obstacle = status.writeObstacle {
      output.line("read-only: \(Format.text(obstacle))")
    } else if !status.pending.isEmpty || status.items.contains(where: { $0.state == .damaged }) {
      output.line("run them with: \(CommandHint.command("migrate", location))")
    }
  }
}

extension MigrationStatus.State {
  var role: TextTable.Role {
    switch self {
    case .applied: .ok
    case .unrecorded: .plain
    case .pending: .warn
    case .unknown, .damaged: .bad
    }
  }
}

extension JSONWriter {
  /// The keys `migrations`, `legacy_schema_version` and `obstacles`.
  mutating func migrations(_ status: MigrationStatus) {
    objects("migrations", status.items) { $0.migration($1) }
    field("legacy_schema_version", status.legacySchemaVersion)
    array("obstacles") { writer in
      for obstacle in status.obstacles { writer.element(obstacle) }
    }
  }
  mutating func migration(_ item: MigrationStatus.Item) {
    field("id", item.id)
    field("state", item.state.rawValue)
    field("applied_at", item.appliedAt)
    field("summary", item.summary)
  }
}
