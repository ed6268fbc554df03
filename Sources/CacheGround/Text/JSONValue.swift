// What is read: nothing is hidden, and each value knows where it stood.
extension StrictJSON {
  package indirect enum Value {
    case null
    case bool(Bool)
    /// As written, so that no digit is lost.
    case number(String)
    /// `nil` where an escape names half of a surrogate pair: legal in a value that nobody reads.
    case string(String?)
    case array([Item])
    case object([Member])
  }

  package struct Item {
    package var value: Value
    /// Byte offset in the source.
    package var offset: Int

    package init(value: Value, offset: Int) {
      self.value = value
      self.offset = offset
    }
  }

  package struct Member {
    package var key: String
    package var keyOffset: Int
    package var item: Item

    package init(key: String, keyOffset: Int, item: Item) {
      self.key = key
      self.keyOffset = keyOffset
      self.item = item
    }
  }
}
