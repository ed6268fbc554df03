import ArgumentParser
import CacheKit
import SystemPackage
import TUI

struct LnkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lnk", abstract: "Lists, pulls, checks and makes blob pointers (.lnk, .fetch).",
    subcommands: [
      LnkListCommand.self, LnkPullCommand.self, LnkCheckCommand.self, LnkAddCommand.self,
    ])
}

/// The folders or files that a verb works on.
struct LnkRoots: ParsableArguments {
  @Argument(help: ArgumentHelp("Folders to search, or pointer files.", valueName: "dir or file"))
  var roots: [PathArgument] = [PathArgument(".")]

  var paths: [FilePath] { roots.map(\.path) }
}

extension JSONWriter {
  /// A path; bytes that are not UTF-8 are kept.
  mutating func field(_ name: String, _ path: FilePath?) {
    field(name, path.map { LnkText.raw($0) })
  }

  mutating func links(_ items: [LinkItem]) {
    array("links") { writer in
      for item in items { writer.row { $0.link(item) } }
    }
  }

  mutating func link(_ item: LinkItem) {
    field("path", item.path)
    field("url", item.link?.url)
    field("sha256", item.link?.sha256)
    if let size = item.link?.size {
      field("size", unsigned: size)
    } else {
      field("size", Int64?.none)
    }
    field("extract", item.link?.extract.rawValue)
    field("state", item.state.rawValue)
    field("entry_id", item.entry?.id)
    field("blob", item.blob)
    field("problem", item.problem)
  }

  mutating func unreadable(_ problems: [LinkScan.Problem]) {
    array("unreadable") { writer in
      for problem in problems {
        writer.object { writer in
          writer.field("path", problem.path)
          writer.field("message", problem.message)
          writer.field("passed_over", problem.isPassedOver)
        }
      }
    }
  }
}

/// Words that the lnk verbs share.
enum LnkText {
  static func raw(_ path: FilePath) -> RawText {
    path.withPlatformString { start in
      var bytes: [UInt8] = []
      var place = start
      while place.pointee != 0 {
        bytes.append(UInt8(bitPattern: place.pointee))
        place += 1
      }
      return RawText(bytes: bytes)
    }
  }

  static func path(_ path: FilePath?) -> String {
    path.map { SafeText.escape(bytes: raw($0).bytes) } ?? "-"
  }

  static func role(_ state: LinkItem.State) -> TextTable.Role {
    switch state {
    case .cached: .ok
    case .missing: .plain
    case .unreadable: .warn
    case .gone, .corrupt, .malformed: .bad
    case .foreign: .quiet
    }
  }

  static func writeProblems(_ problems: [LinkScan.Problem], _ output: Output) {
    for problem in problems {
      let word = problem.isPassedOver ? "passed over" : "unreadable"
      output.line("\(word)  \(path(problem.path)): \(SafeText.escape(problem.message))")
    }
  }

  static func count(_ number: Int, _ one: String) -> String {
    "\(number) \(number == 1 ? one : one + "s")"
  }
}
