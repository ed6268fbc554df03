/// Command lines without their secrets. Pure.
///
/// The kernel tells where an argument ends, so that a value with blanks, quotes or a script in it goes as a
/// whole; of a text in one piece only the first word could be told.
package enum SecretArguments {
  private static let mask = "***"

  package static func masked(_ arguments: [String]) -> [String] {
    var masked: [String] = []
    var isValue = false
    for argument in arguments {
      masked.append(isValue ? mask : Self.masked(argument))
      isValue = !isValue && isFlag(argument)
    }
    return masked
  }

  /// `--password`, whose value is the next argument.
  private static func isFlag(_ argument: String) -> Bool {
    let bytes = Array(argument.utf8)
    return bytes.first == UInt8(ascii: "-") && bytes.allSatisfy(isNamePart)
      && SecretPattern.isSecretName(bytes)
  }

  /// Up to the first `NAME=` or `Name:` of a secret.
  private static func masked(_ argument: String) -> String {
    let bytes = Array(argument.utf8)
    var start = 0
    for (place, byte) in bytes.enumerated() {
      let isSign = byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":")
      if isSign, place > start, place + 1 < bytes.count,
        SecretPattern.isSecretName(bytes[start..<place]), !isAuthority(bytes, at: place)
      {
        return String(decoding: bytes[...place], as: UTF8.self) + mask
      }
      if !isNamePart(byte) { start = place + 1 }
    }
    return argument
  }

  /// `token://`, where what follows is a URL.
  private static func isAuthority(_ bytes: [UInt8], at colon: Int) -> Bool {
    bytes[colon] == UInt8(ascii: ":") && bytes[colon + 1] == UInt8(ascii: "/")
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }
  }
}
