import ArgumentParser
import CacheKit
import Glibc
import SystemPackage

/// The arguments of the process as Strings that keep every byte.
///
/// A path need not be UTF-8, and a String must be: the runtime would repair it, and so name another
/// file. Each byte that is not part of valid UTF-8 stands as one scalar at the end of the last
/// private plane; a scalar of that range in an argument is taken apart in the same way, so that no
/// two arguments become the same text.
enum ArgumentBytes {
  private static let first: UInt32 = 0x10FF00

  static func all() -> [String] {
    ProcessArguments.all().map { encode($0) }
  }

  static func encode(_ bytes: some Collection<UInt8>) -> String {
    var text = String.UnicodeScalarView()
    var rest = Array(bytes)[...]
    while let byte = rest.first {
      var decoder = UTF8()
      var iterator = rest.prefix(4).makeIterator()
      if case .scalarValue(let scalar) = decoder.decode(&iterator), scalar.value < first {
        text.append(scalar)
        rest = rest.dropFirst(UTF8.width(scalar))
      } else {
        if let mark = Unicode.Scalar(first + UInt32(byte)) { text.append(mark) }
        rest = rest.dropFirst()
      }
    }
    return String(text)
  }

  static func decode(_ text: String) -> [UInt8] {
    text.unicodeScalars.flatMap { scalar in
      scalar.value < first ? Array(String(scalar).utf8) : [UInt8(truncatingIfNeeded: scalar.value)]
    }
  }

  /// True for an argument that is valid UTF-8.
  static func isText(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0.value < first }
  }
}

/// A path on the command line, byte for byte.
struct PathArgument: ExpressibleByArgument, Equatable {
  let path: FilePath

  init(_ path: FilePath) { self.path = path }

  /// An empty one is a shell's variable that is not set, and no wish for the working folder.
  init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    path = FilePath(bytes: ArgumentBytes.decode(argument))
  }

  var defaultValueDescription: String { path.readable }
}

/// Text on the command line; one that is not valid UTF-8 is refused.
struct TextArgument: ExpressibleByArgument, Equatable {
  let text: String

  init(_ text: String) { self.text = text }

  init?(argument: String) {
    guard ArgumentBytes.isText(argument) else { return nil }
    text = argument
  }

  var defaultValueDescription: String { text }
}
