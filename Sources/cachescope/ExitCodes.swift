import ArgumentParser
import CacheKit

// The one place that turns an error's code into the exit code of the process.
extension CacheError.Code {
  var exitCode: ExitCode {
    switch self {
    case .noCache, .noIndex, .notAFile, .permission, .notFound, .inputOutput, .cancelled:
      ExitCode(1)
    case .busy: ExitCode(3)
    case .damaged: ExitCode(4)
    case .newerSchema: ExitCode(5)
    case .network: ExitCode(6)
    case .refused, .readOnly, .pendingMigrations, .diskFull: ExitCode(7)
    case .invalidInput: ExitCode(64)
    }
  }
}

extension ExitCode {
  /// What decides first where several things failed: 6 and 3 may go away by themselves, so they count
  /// only where nothing else failed.
  private static let precedence: [Int32] = [7, 5, 4, 1, 6, 3]

  /// One code for several failures; `nil` for none. An unusable pointer is no wrong command line.
  static func deciding(_ codes: [CacheError.Code]) -> ExitCode? {
    let found = Set(codes.map { $0 == .invalidInput ? 1 : $0.exitCode.rawValue })
    return precedence.first(where: found.contains).map { ExitCode($0) }
  }
}
