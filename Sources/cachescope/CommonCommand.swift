import ArgumentParser
import CacheKit
import Inspector
import SystemPackage
import TUI

/// The command lines that scripts and people type most: no verb, `status`, `leases`, `entries`, with the
/// plain options.
///
/// The parser builds every group of options by reflection, more than a quarter of the time of `status`;
/// these values are made without it, every one of their properties set: one that is not stops the program
/// where it is read. Whatever is not exactly such a line, be it a mistake or another
/// spelling, is left to the parser: it alone decides what is wrong.
enum CommonCommand {
  static func read(_ arguments: [String]) -> (any ParsableCommand)? {
    let verb = arguments.first.flatMap { $0.hasPrefix("-") ? nil : $0 }
    guard let options = options(arguments.dropFirst(verb == nil ? 0 : 1)) else { return nil }
    return switch verb {
    case nil, "inspect": InspectCommand(options)
    case "status": StatusCommand(options)
    case "leases": LeasesCommand(options)
    case "entries": EntriesCommand(options)
    default: nil
    }
  }

  /// `nil` for anything but `--cache DIR` and the flags `--json` and `--no-config`, each once.
  private static func options(_ arguments: ArraySlice<String>) -> GlobalOptions? {
    var options = GlobalOptions.plain
    var rest = arguments
    while let argument = rest.popFirst() {
      switch argument {
      case "--json" where !options.json: options.json = true
      case "--no-config" where !options.noConfig: options.noConfig = true
      case "--cache" where options.cache == nil:
        // A verb or an option in the place of the folder is not for us to judge.
        guard let folder = rest.popFirst(), folder.hasPrefix("/") else { return nil }
        options.cache = PathArgument(argument: folder)
      default: return nil
      }
    }
    return options
  }
}

extension GlobalOptions {
  /// As the parser gives them where nothing was typed.
  fileprivate static var plain: GlobalOptions {
    var options = GlobalOptions()
    options.cache = nil
    options.readOnly = 0
    options.offline = false
    options.json = false
    options.color = nil
    options.ascii = nil
    options.verbose = false
    options.noConfig = false
    options.now = nil
    options.procRoot = nil
    return options
  }
}

extension SnapshotOption {
  fileprivate static var none: SnapshotOption {
    var option = SnapshotOption()
    option.from = nil
    return option
  }
}

extension ProjectOption {
  fileprivate static var none: ProjectOption {
    var option = ProjectOption()
    option.project = nil
    return option
  }
}

extension StatusCommand {
  fileprivate init(_ options: GlobalOptions) {
    self.init()
    self.options = options
    snapshot = .none
    project = .none
  }
}

extension LeasesCommand {
  fileprivate init(_ options: GlobalOptions) {
    self.init()
    follow = false
    self.options = options
    snapshot = .none
  }
}

extension EntriesCommand {
  fileprivate init(_ options: GlobalOptions) {
    self.init()
    self.options = options
    snapshot = .none
    sort = .id
    reverse = false
    filter = TextArgument("")
    limit = nil
  }
}

extension InspectCommand {
  fileprivate init(_ options: GlobalOptions) {
    self.init()
    self.options = options
    snapshot = .none
    theme = nil
    plain = nil
    mouse = nil
    savedFilter = []
    watchCommand = nil
    script = nil
    size = Size(columns: 80, rows: 24)
    dump = PathArgument("-")
  }
}
