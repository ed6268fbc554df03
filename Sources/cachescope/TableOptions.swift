import ArgumentParser
import CacheKit
import TUI

/// A column of a listing, by the name that `--columns` takes.
struct NamedColumn<Row>: Sendable {
  let name: String
  let column: TextTable.Column
  let cell: @Sendable (Row) -> String

  init(
    _ name: String, _ column: TextTable.Column, _ cell: @escaping @Sendable (Row) -> String
  ) {
    self.name = name
    self.column = column
    self.cell = cell
  }
}

/// How much of each row a listing shows.
struct TableOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Show these columns, in this order; a wrong name lists those there are.", valueName: "a,b"))
  var columns: TextArgument?

  @Flag(help: "Show every column, and nothing cut.")
  var wide = false

  @Flag(name: [.customShort("q"), .long], help: "Print what names each row alone, one a line.")
  var quiet = false

  /// The columns that were asked for, else the usual ones.
  func chosen<Row>(
    _ all: [NamedColumn<Row>], usual: [String]
  ) throws(ValidationError) -> [NamedColumn<Row>] {
    guard let columns else { return wide ? all : Self.pick(usual, all) }
    let names = columns.text.split(separator: ",", omittingEmptySubsequences: false)
      .map { $0.drop { $0 == " " }.lowercased() }
    if let name = names.first(where: { name in !all.contains { $0.name == name } }) {
      throw ValidationError("--columns: no column '\(name)'; \(Choice.words(all.map(\.name)))")
    }
    return Self.pick(names, all)
  }

  private static func pick<Row>(
    _ names: [String], _ all: [NamedColumn<Row>]
  ) -> [NamedColumn<Row>] {
    names.compactMap { name in all.first { $0.name == name } }
  }

  func check(json: Bool) throws(ValidationError) {
    if quiet && (json || columns != nil || wide) {
      throw ValidationError("-q prints names alone: leave out --json, --columns and --wide")
    }
    if json && (columns != nil || wide) {
      throw ValidationError("--json has every column: leave out --columns and --wide")
    }
  }

  /// A table that fits its terminal, unless everything is to be seen.
  func table<Row>(
    _ columns: [NamedColumn<Row>], _ output: Output, usesColor: Bool
  ) -> TextTable {
    TextTable(
      output, columns.map(\.column), usesColor: usesColor,
      fit: TableFit(width: wide ? nil : output.terminalWidth))
  }
}

/// Values that an option takes, as a message names them.
enum Choice {
  static func words(_ names: [String]) -> String { "there are \(names.joined(separator: " "))" }
}
