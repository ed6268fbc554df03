extension LinkFile {
  /// The JSON form: `v` is 1, `url` and `sha256` are there, `size` and `extract` may be; other keys
  /// are ignored, but no known key may stand twice.
  static func jsonForm(_ source: LinkSource) throws(LinkProblem) -> LinkFile {
    let root: StrictJSON.Item
    do {
      root = try StrictJSON.read(source.bytes, depthLimit: depthLimit, readsOver: true)
    } catch {
      throw source.problem(at: error.offset, error.message)
    }
    guard case .object(let members) = root.value else {
      throw source.problem(at: root.offset, "a pointer is one JSON object")
    }
    let fields = try LinkFields(members, root.offset, source)
    try fields.requireVersion()
    return LinkFile(
      url: try fields.url(), sha256: try fields.sha256(), size: try fields.size(),
      extract: try fields.extract())
  }
}

/// The known members of a pointer's object.
private struct LinkFields {
  private let source: LinkSource
  private let start: Int
  private var found: [String: StrictJSON.Item] = [:]

  init(
    _ members: [StrictJSON.Member], _ start: Int, _ source: LinkSource
  ) throws(LinkProblem) {
    self.source = source
    self.start = start
    for member in members where ["v", "url", "sha256", "size", "extract"].contains(member.key) {
      guard found.updateValue(member.item, forKey: member.key) == nil else {
        throw source.problem(at: member.keyOffset, "the key `\(member.key)` stands twice")
      }
    }
  }

  private func required(_ key: String) throws(LinkProblem) -> StrictJSON.Item {
    guard let item = found[key] else {
      throw source.problem(at: start, "the key `\(key)` is missing")
    }
    return item
  }

  private func string(_ key: String) throws(LinkProblem) -> (text: String, offset: Int) {
    let item = try required(key)
    guard case .string(let text) = item.value else {
      throw source.problem(at: item.offset, "`\(key)` is not a string")
    }
    guard let text else {
      throw source.problem(at: item.offset, "`\(key)` holds half of a surrogate pair")
    }
    return (text, item.offset)
  }

  func requireVersion() throws(LinkProblem) {
    let item = try required("v")
    guard case .number(let text) = item.value, let version = UInt64(text), !text.hasPrefix("-")
    else {
      throw source.problem(at: item.offset, "`v` is not the number 1")
    }
    if version > 1 {
      throw source.problem(
        at: item.offset, "v \(version): made by a newer tool, this one reads v 1")
    }
    if version < 1 { throw source.problem(at: item.offset, "`v` is \(version) instead of 1") }
  }

  func url() throws(LinkProblem) -> String {
    let (text, offset) = try string("url")
    if let why = LinkFile.whyNotURL(text) { throw source.problem(at: offset, why) }
    return text
  }

  func sha256() throws(LinkProblem) -> String {
    let (text, offset) = try string("sha256")
    guard let hash = LinkFile.normalised(sha256: text) else {
      throw source.problem(at: offset, LinkFile.hashMessage(text))
    }
    return hash
  }

  func size() throws(LinkProblem) -> UInt64? {
    guard let item = found["size"] else { return nil }
    if case .null = item.value { return nil }
    guard case .number(let text) = item.value, !text.hasPrefix("-"), let size = UInt64(text) else {
      throw source.problem(at: item.offset, "`size` is not a whole number of bytes")
    }
    return size
  }

  func extract() throws(LinkProblem) -> LinkFile.Extract {
    guard let item = found["extract"] else { return .file }
    var name: String?
    switch item.value {
    case .null: return .file
    case .string(let text): name = text
    // fbuild's reader takes a variant without content in this spelling too.
    case .object(let members):
      if let only = members.first, members.count == 1, case .null = only.item.value {
        name = only.key
      }
    default: break
    }
    guard let name, let extract = LinkFile.Extract(rawValue: name) else {
      throw source.problem(at: item.offset, "`extract` is not one of file, zip, tar.gz")
    }
    return extract
  }
}
