import Glibc

/// The number of cells that text takes, by the rules of the C library, which ncurses follows too.
package enum Width {
  // wcwidth asks the thread's locale: a fixed UTF-8 locale makes the answer the same everywhere.
  private struct Locale: @unchecked Sendable {
    let handle: locale_t?
  }
  private static let utf8 = Locale(handle: newlocale(LC_CTYPE_MASK, "C.UTF-8", nil))

  // Swift's view of the C library leaves wcwidth out, so it is looked up by name.
  private typealias Function = @convention(c) (wchar_t) -> Int32
  private static let measure = dlsym(nil, "wcwidth").map { unsafeBitCast($0, to: Function.self) }

  /// 0, 1 or 2 cells; `nil` for what has no place in a cell (controls, unassigned).
  package static func of(_ scalar: Unicode.Scalar) -> Int? {
    let value = scalar.value
    if value < 0x7F { return value < 0x20 ? nil : 1 }
    if value < 0xA0 { return nil }
    if value < 0x300 { return value == 0xAD ? nil : 1 }
    guard let handle = utf8.handle, let measure else { return 1 }
    let before = uselocale(handle)
    defer { uselocale(before) }
    let width = measure(wchar_t(value))
    return width < 0 ? nil : Int(width)
  }

  /// The cells of text that is already safe; what has no width counts 1.
  package static func of(_ text: some StringProtocol) -> Int {
    let plain = text.utf8.withContiguousStorageIfAvailable { bytes in
      bytes.allSatisfy { $0 < 0x7F } ? bytes.count : nil
    }
    if let plain, let plain { return plain }
    return text.unicodeScalars.reduce(0) { $0 + (of($1) ?? 1) }
  }
}
