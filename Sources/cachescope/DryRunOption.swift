import ArgumentParser
import CacheKit

/// The option of the verbs that change something.
struct DryRunOption: ParsableArguments {
  @Flag(help: "Say what would be done, and change nothing.")
  var dryRun = false
}

extension JSONWriter {
  /// What the answer of a change begins with; a dry run says so.
  mutating func header(_ context: ActionContext, _ source: IndexSource?) {
    header(context.location, source)
    if context.isDryRun { field("dry_run", true) }
  }
}
