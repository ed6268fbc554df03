import ArgumentParser
import CacheKit

// The one place that turns an error's code into the exit code of the process.
extension CacheError.Code {
  var exitCode: ExitCode {
    switch self {
    case .noCache, .noIndex, .notAFile, .permission, .notFound, .inputOutput, .diskFull, .cancelled:
      ExitCode(1)
    case .busy: ExitCode(3)
    case .damaged: ExitCode(4)
    case .newerSchema: ExitCode(5)
    case .network: ExitCode(6)
    case .refused, .readOnly, .pendingMigrations: ExitCode(7)
    case .invalidInput: ExitCode(64)
    }
  }
}
