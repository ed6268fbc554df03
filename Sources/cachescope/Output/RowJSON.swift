import Inspector

/// One row as the verbs write it with `--json`, for the clipboard.
enum RowJSON {
  @Sendable
  static func text(_ row: CopiedRow) -> String {
    let output = Output()
    var writer = JSONWriter(output)
    writer.object { writer in
      switch row {
      case .entry(let entry): writer.entry(entry)
      case .lease(let judged): writer.lease(judged)
      case .migration(let item): writer.migration(item)
      case .link(let item): writer.link(item)
      }
    }
    writer.end()
    return String(output.text.dropLast())
  }
}
