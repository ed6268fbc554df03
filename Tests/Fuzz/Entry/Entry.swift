import Foundation
import FuzzTargets

/// What libFuzzer calls for each input; `CACHESCOPE_FUZZ` names the target.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  Chosen.target(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

private enum Chosen {
  static let target: @Sendable ([UInt8]) -> Void = {
    let name = ProcessInfo.processInfo.environment["CACHESCOPE_FUZZ"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
      let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: " ")
      fatalError("CACHESCOPE_FUZZ must be one of: \(names)")
    }
    return target.run
  }()
}
