import ArgumentParser
import CacheKit
import Inspector
import SystemPackage

struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics",
    abstract: "Writes sizes, limits, leases and findings as Prometheus text.",
    discussion: """
      `metrics --output /var/lib/prometheus/node-exporter/cachescope.prom` replaces the file at once, so that \
      node_exporter's textfile collector never sees a half of it. Several caches go into one file. A cache \
      that cannot be read has cachescope_up 0 and the code of the error; the others are there all the same, \
      and the exit code is 0 wherever the text was written.
      """)

  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The file to replace, NAME.prom; else standard output.", valueName: "file"))
  var output: PathArgument?

  @Argument(help: ArgumentHelp("The caches; else the one in use.", valueName: "cache"))
  var caches: [PathArgument] = []

  func validate() throws {
    if options.cache != nil && !caches.isEmpty {
      throw ValidationError("name the caches by --cache or as arguments, not both")
    }
  }

  func run() throws {
    var options = options
    // A service may have no HOME that a default could be made of.
    if let first = caches.first { options.cache = first }
    try options.run { context, out in
      let action = ExportMetrics(caches: caches.map(\.path), output: output?.path)
      let report = try action.perform(in: context)
      for cache in report.caches {
        guard let error = cache.error else { continue }
        ErrorText.print(note: "\(Format.path(cache.location.root)): \(Format.text(error.message))")
      }
      if let note = Self.note(output) { ErrorText.print(note: note) }
      if options.json {
        writeJSON(report, out)
      } else if output == nil {
        out.write(report.text.utf8)
      }
      return nil
    }
  }

  /// What the collector would say nothing of: it passes over every other name.
  private static func note(_ output: PathArgument?) -> String? {
    guard let path = output?.path, path.extension != "prom",
      case .file? = try? OutputPlace(path)
    else { return nil }
    return "\(Format.path(path)): node_exporter's textfile collector reads *.prom alone"
  }

  private func writeJSON(_ report: ExportMetrics.Report, _ out: Output) {
    var writer = JSONWriter(out)
    writer.object { writer in
      writer.field("schema", 1)
      writer.array("caches") { writer in
        for cache in report.caches {
          writer.object { writer in
            writer.field("cache", cache.location.root)
            writer.failure(cache.error)
          }
        }
      }
      writer.array("metrics") { writer in
        for family in report.families where !family.samples.isEmpty {
          writer.object { $0.family(family) }
        }
      }
    }
    writer.end()
  }
}

extension JSONWriter {
  fileprivate mutating func family(_ family: MetricFamily) {
    field("name", family.name)
    field("help", family.help)
    array("samples") { writer in
      for sample in family.samples {
        writer.object { writer in
          writer.field("labels") { writer in
            writer.object { writer in
              for label in sample.labels { writer.field(label.name, label.value) }
            }
          }
          writer.field("value", unsigned: sample.value)
        }
      }
    }
  }
}
