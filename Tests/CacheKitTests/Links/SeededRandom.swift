/// SplitMix64: the same numbers in every run, so that a failing mutation can be found again.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// The bytes with one to four random edits: a flip, a removal, a repetition or a strange byte.
  mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    for _ in 0..<Int.random(in: 1...4, using: &self) {
      guard !result.isEmpty else { return [UInt8.random(in: 0...255, using: &self)] }
      let place = Int.random(in: 0..<result.count, using: &self)
      switch Int.random(in: 0..<5, using: &self) {
      case 0: result[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
      case 1: result.removeSubrange(place..<min(result.count, place + 3))
      case 2: result.insert(contentsOf: result[place...].prefix(9), at: place)
      case 3: result[place] = [0, 10, 34, 92, 123, 125, 255].randomElement(using: &self) ?? 0
      default: result = Array(result.prefix(place))
      }
    }
    return result
  }
}
