/// A text as copies of it have in common: percent signs decoded, letters in lower case, and everything
/// between letters and digits as one hyphen. Each byte knows where it stands in the text.
struct FoldedText {
  private(set) var bytes: [UInt8] = []
  private(set) var places: [Range<Int>] = []

  static let gap = UInt8(ascii: "-")
  /// A sign may be encoded again and again.
  static let rounds = 3

  init(_ text: [UInt8], rounds: Int = Self.rounds) {
    var letters = text.indices.map { Letter(byte: text[$0], place: $0..<$0 + 1) }
    for _ in 0..<rounds where letters.contains(where: { $0.byte == UInt8(ascii: "%") }) {
      letters = Self.decoded(letters)
    }
    for letter in letters { append(letter) }
  }

  private struct Letter {
    var byte: UInt8
    var place: Range<Int>
  }

  private mutating func append(_ letter: Letter) {
    guard let folded = Self.fold(letter.byte) else {
      if bytes.last == Self.gap {
        places[places.count - 1] = places[places.count - 1].lowerBound..<letter.place.upperBound
      } else {
        bytes.append(Self.gap)
        places.append(letter.place)
      }
      return
    }
    bytes.append(folded)
    places.append(letter.place)
  }

  /// `nil` for what separates.
  private static func fold(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39, 0x61...0x7A, 0x80...: byte
    case 0x41...0x5A: byte | 0x20
    default: nil
    }
  }

  private static func decoded(_ letters: [Letter]) -> [Letter] {
    var result: [Letter] = []
    result.reserveCapacity(letters.count)
    var place = 0
    while place < letters.count {
      let letter = letters[place]
      guard letter.byte == UInt8(ascii: "%"), place + 2 < letters.count,
        let high = hexDigit(letters[place + 1].byte), let low = hexDigit(letters[place + 2].byte)
      else {
        result.append(letter)
        place += 1
        continue
      }
      let range = letter.place.lowerBound..<letters[place + 2].place.upperBound
      result.append(Letter(byte: high << 4 | low, place: range))
      place += 3
    }
    return result
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46, 0x61...0x66: (byte | 0x20) - 0x61 + 10
    default: nil
    }
  }

  /// The text with its percent signs decoded once; `nil` where there is none.
  static func percentDecoded(_ text: [UInt8]) -> [UInt8]? {
    guard text.contains(UInt8(ascii: "%")) else { return nil }
    let letters = text.indices.map { Letter(byte: text[$0], place: $0..<$0 + 1) }
    let result = decoded(letters).map(\.byte)
    return result.count == text.count ? nil : result
  }
}
