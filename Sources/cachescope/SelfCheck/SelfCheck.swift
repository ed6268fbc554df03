import ArgumentParser
import CacheKit
import Inspector

/// `doctor --self`: what this host lacks.
enum SelfCheck {
  static func run(_ options: GlobalOptions) throws {
    let output = Output(descriptor: 1)
    let facts = HostFacts.look(stateFolder: (try? options.location())?.stateFolder)
    let notes = facts.notes
    options.json ? writeJSON(notes, output) : writeText(notes, facts, output)
    output.flush()
    if notes.contains(where: { $0.weight != .info }) { throw ExitCode.failure }
  }

  private static func writeText(_ notes: [HostNote], _ facts: HostFacts, _ output: Output) {
    for note in notes {
      output.line("\(note.weight.rawValue.padding(to: 9))\(Format.text(note.message))")
      output.line(String(repeating: " ", count: 9) + Format.text(note.fix))
    }
    let libraries = facts.libraries.filter(\.isThere).map(\.name).joined(separator: ", ")
    if !libraries.isEmpty { output.line("there: \(libraries)") }
    if notes.isEmpty { output.line("nothing is missing") }
  }

  private static func writeJSON(_ notes: [HostNote], _ output: Output) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.field("schema", 1)
      writer.array("notes") { writer in
        for note in notes {
          writer.object { writer in
            writer.field("id", note.id)
            writer.field("severity", note.weight.rawValue)
            writer.field("message", note.message)
            writer.field("fix", note.fix)
          }
        }
      }
    }
    writer.end()
  }
}
