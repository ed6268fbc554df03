/// fbuild's lock of a package that is being installed: the folder `.VERSION.install.lock` beside it.
///
/// Its file `owner.txt` names the installing process. Every text comes from that file or from a name on
/// the disk: escape it before a terminal.
public struct InstallLock: Sendable, Hashable {
  /// Below the root, by components.
  public var place: [RawText]
  /// What stands there.
  public var content: Content
  /// Seconds since the epoch of the folder's last change, by which fbuild tells its age.
  public var changedAt: Double
  /// Which folder it is.
  var identity: FileIdentity
  /// What of it is a symbolic link: fbuild follows each, and we remove none.
  public var link: Link?
  /// True where its own user may not remove what is in it.
  var isSealed = false

  public enum Link: String, Sendable, Hashable {
    case lock = "the lock"
    case owner = "owner.txt"
  }

  public enum Content: Sendable, Hashable {
    /// `owner.txt` as it was read.
    case owner(Owner)
    /// A folder with nothing in it.
    case empty
    /// A folder with other things in it, and no `owner.txt`.
    case foreign
    /// `owner.txt` is there and cannot be read, or is no file.
    case unreadable
    /// `owner.txt` is a FIFO, and whoever opens it sleeps.
    case blocking
    /// A folder that cannot be looked into.
    case closed
    /// No folder, but this.
    case notAFolder(String)
  }

  /// The lines of `owner.txt`; a line that is missing is `nil`.
  public struct Owner: Sendable, Hashable {
    /// As fbuild reads it: a number of 32 bits.
    public var pid: Int64?
    /// The program's file name without its extension.
    public var program: String?
    public var package: String?
    public var version: String?
    /// Seconds since the epoch.
    public var startedAt: Double?
    /// The file as it was read: what is compared before the lock is removed.
    var bytes: [UInt8]
    /// False for a file of which fbuild reads nothing.
    var isText: Bool

    init(_ bytes: [UInt8]) {
      self.bytes = bytes
      // fbuild takes the last line of a key, without the blanks around its value, and nothing at all of a
      // file that is not UTF-8 as a whole.
      isText = String(validating: bytes, as: UTF8.self) != nil
      let lines = isText ? bytes.split(separator: UInt8(ascii: "\n")) : []
      func value(_ key: String) -> String? {
        let start = Array((key + "=").utf8)
        guard let line = lines.last(where: { $0.starts(with: start) }) else { return nil }
        let blanks: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let trimmed = line.dropFirst(start.count).drop(while: blanks).reversed().drop(while: blanks)
        let text = RawText(bytes: trimmed.reversed()).readable
        return text.isEmpty ? nil : text
      }
      self.pid = value("pid").flatMap { UInt32($0) }.map(Int64.init)
      self.program = value("exe_stem")
      self.package = value("package")
      self.version = value("version")
      self.startedAt = value("started_unix_nanos").flatMap { UInt64($0) }.map { Double($0) / 1e9 }
    }
  }

  static let suffix = ".install.lock"
  static let ownerName = "owner.txt"
  /// fbuild reads it whatever its size; real ones have 150 bytes.
  static let ownerLimit = 1 << 20

  /// The path below the root.
  public var path: RawText {
    RawText(bytes: Array(place.map(\.bytes).joined(separator: [UInt8(ascii: "/")])))
  }

  /// The version that the folder's name holds.
  public var packageFolder: RawText {
    let name = place.last?.bytes ?? []
    return RawText(bytes: Array(name.dropFirst().dropLast(Self.suffix.utf8.count)))
  }

  public var owner: Owner? {
    if case .owner(let owner) = content { return owner }
    return nil
  }

  /// `avr-gcc 7.3.0`, else what the folders are called.
  public var packageName: String {
    if let name = owner?.package {
      return owner?.version.map { "\(name) \($0)" } ?? name
    }
    let stem = place.count >= 3 ? place[place.count - 3].readable + " " : ""
    return stem + packageFolder.readable
  }

  /// When it was taken, in seconds since the epoch: by its owner's word, else by the folder's.
  public var takenAt: Double {
    guard let started = owner?.startedAt, started >= Self.earliest else { return changedAt }
    return started
  }

  /// 2020-01-01: what was taken before was taken by a clock that was never set.
  private static let earliest = 1_577_836_800.0

  /// True for the name of such a folder.
  static func isName(_ name: [UInt8]) -> Bool {
    let end = Array(suffix.utf8)
    return name.count > end.count + 1 && name.first == UInt8(ascii: ".")
      && name.suffix(end.count).elementsEqual(end)
  }
}
