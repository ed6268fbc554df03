import ArgumentParser
import CacheKit
import Inspector
import SystemPackage

struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Shows version, schema, and the paths in use with their reasons.",
    discussion: "Opens no cache, and so answers where none can be opened.")

  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  func run() throws {
    try options.run { context, output in
      options.json ? writeJSON(context, output) : writeText(context, output)
      return nil
    }
  }

  private func writeText(_ context: ActionContext, _ output: Output) {
    let files = options.noConfig ? [] : Preferences.files
    let configuration = files.map { file in
      ("configuration", "\(Format.path(file.path))  (\(Self.words(file)))")
    }
    let skipped = [("configuration", "none is read: --no-config")]
    let rows: [(String, String)] =
      [
        ("version", Version.text), ("commit", Version.commit ?? "unknown commit"),
        ("sqlite", KnownSchema.sqliteVersion), ("schema", KnownSchema.newestMigration),
        (
          "cache",
          "\(Format.path(context.location.root))  (\(Format.text(context.location.reason.description)))"
        ),
      ] + (options.noConfig ? skipped : configuration) + [
        ("state", StateFolder.standard().map { Format.path($0) } ?? Self.homeless),
        ("journal", context.journal.map { Format.path($0.path) } ?? Self.homeless),
      ]
    for (name, value) in rows { output.line(name.padding(to: 15) + value) }
  }

  private static let homeless = "none: neither XDG_STATE_HOME nor HOME names a folder"

  private static func words(_ file: ConfigFile) -> String {
    file.isThere ? "read" : "not there"
  }

  private func writeJSON(_ context: ActionContext, _ output: Output) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context.location, nil)
      writer.field("chosen_by", context.location.reason.description)
      writer.field("version", Version.text)
      writer.field("commit", Version.commit)
      writer.field("sqlite", KnownSchema.sqliteVersion)
      writer.field("newest_migration", KnownSchema.newestMigration)
      writer.array("configuration") { writer in
        for file in options.noConfig ? [] : Preferences.files {
          writer.object { writer in
            writer.field("path", file.path)
            writer.field("exists", file.isThere)
          }
        }
      }
      writer.field("state", StateFolder.standard())
      writer.field("journal", context.journal?.path)
    }
    writer.end()
  }
}
