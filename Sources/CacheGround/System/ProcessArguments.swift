import CPlatform
import Glibc

/// What this process was started with, also where there is no /proc to read it from.
package enum ProcessArguments {
  /// The program's name and its arguments, byte for byte.
  package static func all() -> [[UInt8]] {
    (0..<cplatform_argument_count()).compactMap { cplatform_argument($0) }.map { start in
      UnsafeBufferPointer(start: start, count: strlen(start)).map { UInt8(bitPattern: $0) }
    }
  }
}
