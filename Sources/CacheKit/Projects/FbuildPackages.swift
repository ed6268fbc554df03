import SystemPackage

/// What real fbuild says that a project's environments need: the answer of `fbuild install --check --json`.
public struct FbuildPackages: Sendable, Hashable {
  public var packages: [Package] = []
  /// True where fbuild told of the default environment alone, since it cannot read another one.
  public var isOfDefaultAlone = false

  public struct Package: Sendable, Hashable {
    public var environment: String
    /// `platform`, `toolchain`, `framework`, as fbuild names it.
    public var kind: String
    public var name: String
    public var version: String?
    /// `present`, `would-fetch`, or what a later release says.
    public var status: String
    public var installPath: RawText?
    public var error: String?
    /// The entry whose tree is there.
    public var entryID: Int64?

    public var isThere: Bool { status == "present" }
  }

  /// The entries that their trees belong to.
  public var entries: Set<Int64> { Set(packages.compactMap(\.entryID)) }

  /// `nil` for anything but what fbuild writes. Behind its object fbuild may write lines of its log.
  ///
  /// `rows`: the entries by the folders of their files below the root.
  init?(_ answer: [UInt8], root: FilePath, rows: [[UInt8]: Int64]) {
    guard case .object(let members)? = Self.json(answer),
      case .array(let environments)? = members.first(where: { $0.key == "environments" })?.item
        .value
    else { return nil }
    let prefix = bytes(of: root) + [UInt8(ascii: "/")]
    for environment in environments {
      guard let fields = Self.fields(environment), case .array(let list)? = fields["packages"]
      else {
        return nil
      }
      for item in list {
        guard let values = Self.fields(item), let name = Self.text(values["name"]),
          let status = Self.text(values["status"])
        else { return nil }
        let path = Self.text(values["install_path"])
        let inside = path.map { Array($0.utf8) }.flatMap { bytes in
          bytes.starts(with: prefix) ? Array(bytes.dropFirst(prefix.count)) : nil
        }
        packages.append(
          Package(
            environment: Self.text(fields["env"]) ?? "", kind: Self.text(values["kind"]) ?? "",
            name: name, version: Self.text(values["version"]), status: status,
            installPath: path.map { RawText($0) }, error: Self.text(values["error"]),
            entryID: inside.flatMap { rows[$0] }))
      }
    }
  }

  private static func json(_ answer: [UInt8]) -> StrictJSON.Value? {
    let end = answer.firstRange(of: Array("\n}\n".utf8))?.upperBound ?? answer.count
    return try? StrictJSON.read(Array(answer[..<end]), depthLimit: 16).value
  }

  private static func fields(_ item: StrictJSON.Item) -> [String: StrictJSON.Value]? {
    guard case .object(let members) = item.value else { return nil }
    return Dictionary(members.map { ($0.key, $0.item.value) }) { first, _ in first }
  }

  private static func text(_ value: StrictJSON.Value?) -> String? {
    if case .string(let text?)? = value, !text.isEmpty { return text }
    return nil
  }
}
