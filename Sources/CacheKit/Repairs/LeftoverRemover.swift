import CPlatform
import Glibc
import SystemPackage

/// Removes something that provably nobody uses, from descriptor to descriptor.
///
/// It gets another name first, then the processes are looked at once more: whoever came meanwhile finds
/// nothing under the old name and makes its own, and where somebody could have come in between the old name
/// is put back.
enum LeftoverRemover {
  /// A folder that nobody but its owner leads elsewhere, and a way below it that leads through no link.
  struct Place: Hashable, Sendable {
    var base: FilePath
    var components: [[UInt8]]

    var path: FilePath {
      base.appending(FilePath(bytes: Array(components.joined(separator: [0x2F]))).components)
    }
  }

  struct Refusal: Error, Hashable, Sendable {
    var words: String
    init(_ words: String) { self.words = words }
    init(code: CInt) { words = code == ENOENT ? "it is gone" : String(cString: strerror(code)) }
  }

  /// What has its other name, and its folder, held.
  final class Aside: Sendable {
    fileprivate let parent: CInt
    fileprivate let old: [UInt8]
    fileprivate let new: [UInt8]
    /// Where it is now.
    let place: Place

    fileprivate init(_ parent: CInt, _ old: [UInt8], _ new: [UInt8], _ place: Place) {
      self.parent = parent
      self.old = old
      self.new = new
      self.place = place
    }

    deinit { close(parent) }

    /// Where the old name is taken by now, its new owner has what it wants, and this is left over still.
    func putBack() { _ = LeftoverRemover.rename(new, to: old, in: parent) }

    /// False where something of it is left.
    func remove() -> Bool {
      TreeRemover().remove(new.map { CChar(bitPattern: $0) } + [0], in: parent)
    }
  }

  /// `was`: what was found there; anything else stays.
  static func setAside(
    _ place: Place, _ was: FileIdentity, as kind: HostTally.Kind
  ) -> Result<Aside, Refusal> {
    guard let name = place.components.last else { return .failure(Refusal("it has no name")) }
    return hold(place).flatMap { parent in
      let aside = aside(name, kind)
      var moved = place
      moved.components[moved.components.count - 1] = aside
      let held = Aside(parent, name, aside, moved)
      guard identity(name, in: parent) == was else {
        return .failure(Refusal("it is another one by now"))
      }
      guard rename(name, to: aside, in: parent) == 0 else { return .failure(Refusal(code: errno)) }
      guard identity(aside, in: parent) == was else {
        held.putBack()
        return .failure(Refusal("it is another one by now"))
      }
      return .success(held)
    }
  }

  /// The folder that a place is in.
  private static func hold(_ place: Place) -> Result<CInt, Refusal> {
    let base = place.base.withPlatformString { cplatform_hold(AT_FDCWD, $0) }
    guard base >= 0 else { return .failure(Refusal(code: errno)) }
    let parents = place.components.dropLast()
    guard !parents.isEmpty else { return .success(base) }
    defer { close(base) }
    let way = Array(parents.joined(separator: [UInt8(ascii: "/")]))
    let parent = way.withCString { cplatform_hold_jailed(base, $0, 1) }
    return parent >= 0 ? .success(parent) : .failure(Refusal(code: errno))
  }

  /// A name by which it is found again, and removed by fbuild or by us, should this end half way.
  private static func aside(_ name: [UInt8], _ kind: HostTally.Kind) -> [UInt8] {
    let number = UInt32.random(in: 1 ... .max)
    switch kind {
    case .partial: return name + Array(".\(number).partial".utf8)
    case .staging, .missingSentinel, .hollow, .noPrograms:
      return name + Array(".\(number)_staging".utf8)
    // Older than any version.
    case .retiredCache: return Array("v0.\(number)".utf8)
    default: return name + Array(".\(number).gone".utf8)
    }
  }

  /// `NAME.partial.NUMBER.partial`: a download that was set aside here, and whose removal was cut short.
  static func isAsidePartial(_ name: [UInt8]) -> Bool {
    let suffix = Array(".partial".utf8)
    guard name.suffix(suffix.count).elementsEqual(suffix) else { return false }
    let inner = name.dropLast(suffix.count)
    let number = inner.reversed().prefix { (0x30...0x39).contains($0) }
    return !number.isEmpty
      && inner.dropLast(number.count).suffix(suffix.count + 1).elementsEqual(
        suffix + [UInt8(ascii: ".")])
  }

  /// `NAME.NUMBER.gone`, or `v0.NUMBER`: the same for what lies elsewhere.
  static func isAside(_ name: [UInt8]) -> Bool {
    let gone = Array(".gone".utf8)
    let isOther = name.suffix(gone.count).elementsEqual(gone)
    let inner = isOther ? name.dropLast(gone.count) : name[...]
    let number = inner.reversed().prefix { (0x30...0x39).contains($0) }
    let start = inner.dropLast(number.count)
    // No version of a compile cache has a number of six digits.
    return isOther
      ? !number.isEmpty && start.last == UInt8(ascii: ".")
      : number.count >= 6 && start.elementsEqual("v0.".utf8)
  }

  private static func rename(_ old: [UInt8], to new: [UInt8], in folder: CInt) -> CInt {
    old.withCString { old in
      new.withCString { cplatform_rename_new(folder, old, folder, $0) }
    }
  }

  private static func identity(_ name: [UInt8], in folder: CInt) -> FileIdentity? {
    var info = stat()
    guard name.withCString({ statName(in: folder, $0, &info) }) == 0 else {
      return nil
    }
    return FileIdentity(info)
  }
}
