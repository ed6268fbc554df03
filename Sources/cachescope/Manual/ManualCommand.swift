import ArgumentParser
import CacheKit
import Glibc

/// The manual pages, made from the verbs and keys themselves: for `make install`, in no list of verbs.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Writes a manual page.", shouldDisplay: false)

  @Argument(help: "cachescope or cachescope-keys.")
  var page: Page

  enum Page: String, ExpressibleByArgument, CaseIterable {
    case program = "cachescope"
    case keys = "cachescope-keys"
  }

  func run() throws {
    let output = Output(descriptor: STDOUT_FILENO)
    let text =
      switch page {
      case .program: VerbManual.page()
      case .keys: KeyManual.page()
      }
    output.write(text.utf8)
    output.flush()
  }
}
