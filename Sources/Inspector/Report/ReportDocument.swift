package import CacheKit
internal import TUI

/// A report as headings, pairs and tables: the same one for a person, for a bug report and for a CI job.
///
/// Every text in it is safe for a terminal; each way of writing it escapes what it has to beside that.
package struct ReportDocument: Sendable, Hashable {
  package var title: String
  package var sections: [Section] = []

  package struct Section: Sendable, Hashable {
    package var title: String
    /// True for what few people read: folded where that can be.
    package var isFolded = false
    package var blocks: [Block]

    package init(_ title: String, isFolded: Bool = false, _ blocks: [Block]) {
      self.title = title
      self.isFolded = isFolded
      self.blocks = blocks
    }
  }

  package enum Block: Sendable, Hashable {
    case pairs([Pair])
    case table([String], [[String]])
    case lines([String])
    /// What somebody has to do something about.
    case warning(String)
  }

  package struct Pair: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package init(title: String, sections: [Section] = []) {
    self.title = title
    self.sections = sections
  }

  package enum Style: String, Sendable, CaseIterable {
    case text
    case markdown
    /// Markdown for the summary of a job: folded sections and alerts.
    case github
  }

  /// Without secrets, people's names and the host's; headings are ours.
  package func redacted(by redactor: Redactor) -> ReportDocument {
    _ = mapped { text in
      redactor.learn(Array(text.utf8))
      return text
    }
    func redacted(_ text: String) -> String {
      String(decoding: redactor.redact(Array(text.utf8)), as: UTF8.self)
    }
    var copy = mapped(redacted)
    copy.title = redacted(title)
    return copy
  }

  /// With nothing in it that a terminal would obey, whoever has forgotten to escape it; what is escaped already
  /// stays as it is.
  package var finished: ReportDocument {
    var copy = mapped { SafeText.finish($0, asciiOnly: false) }
    copy.title = SafeText.finish(title, asciiOnly: false)
    return copy
  }

  private func mapped(_ change: (String) -> String) -> ReportDocument {
    var copy = self
    for section in copy.sections.indices {
      copy.sections[section].blocks = copy.sections[section].blocks.map { $0.mapped(change) }
    }
    return copy
  }
}

extension ReportDocument.Block {
  fileprivate func mapped(_ change: (String) -> String) -> Self {
    switch self {
    case .pairs(let pairs): .pairs(pairs.map { .init($0.name, change($0.value)) })
    case .table(let head, let rows): .table(head, rows.map { $0.map(change) })
    case .lines(let lines): .lines(lines.map(change))
    case .warning(let text): .warning(change(text))
    }
  }
}
