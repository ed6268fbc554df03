package import SystemPackage

/// A blob pointer: where the bytes are, and the hash that proves them.
///
/// fbuild 2.x reads the same files, named `*.lnk` or `*.fetch`, as JSON or as text. What parses here is
/// what fbuild 2.5.47 takes, but for a limit that it lacks: 1 MiB a file.
public struct LinkFile: Sendable, Hashable {
  /// Starts with `http://` or `https://`; nothing else about it is checked, as fbuild checks nothing.
  public var url: String
  /// 64 lower-case hex digits.
  public var sha256: String
  /// In bytes; `nil` where the pointer does not say. fbuild never reads it, cachescope enforces it.
  public var size: UInt64?
  /// How the blob is put into a project.
  public var extract: Extract
  /// How the pointer was written.
  public var form: Form

  /// What materialising makes of the blob.
  public enum Extract: String, Sendable, CaseIterable {
    case file
    case zip
    case tarGz = "tar.gz"
  }

  /// How the pointer is written.
  public enum Form: String, Sendable {
    case json
    case text
  }

  public init(
    url: String, sha256: String, size: UInt64? = nil, extract: Extract = .file, form: Form = .json
  ) {
    self.url = url
    self.sha256 = sha256
    self.size = size
    self.extract = extract
    self.form = form
  }

  /// The URL without its secrets: user info and the values of the query become `***`.
  public var maskedURL: String { URLText.masked(url) }

  /// The largest pointer that is read, in bytes: fbuild reads files of any size.
  public static let sizeLimit = 1 << 20
  /// How deep values may nest in the JSON form and still be looked at; what lies deeper is read over, as
  /// fbuild reads over all that it does not know.
  public static let depthLimit = 64
  /// SHA-256 of nothing: a pointer with it names an empty blob.
  public static let emptyBlob = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
}

/// What a pointer file turned out to be.
public enum LinkReading: Sendable, Hashable {
  case pointer(LinkFile)
  /// A file of another program under the same ending; the text says which.
  case foreign(String)
  case malformed(LinkProblem)
}

/// Why a pointer cannot be used, with the place in the file.
public struct LinkProblem: Error, Sendable, Hashable {
  /// Counted from 1; columns count Unicode scalars. Both 1 where the file as a whole is meant.
  public var line: Int
  /// Unicode scalars of the line up to the place, counted from 1.
  public var column: Int
  /// One sentence without a final period.
  public var message: String

  public init(line: Int = 1, column: Int = 1, message: String) {
    self.line = line
    self.column = column
    self.message = message
  }

  /// `file:line:column: message`.
  public func description(in file: String) -> String { "\(file):\(line):\(column): \(message)" }
}

extension LinkFile {
  /// Reads a pointer's bytes.
  ///
  /// `fileEnding` is `lnk` or `fetch`: only a `.lnk` can be foreign, for only that ending has other
  /// users.
  public static func parse(_ bytes: [UInt8], fileEnding: String) -> LinkReading {
    let isShared = fileEnding == "lnk"
    if isShared, bytes.starts(with: [0x4C, 0, 0, 0, 0x01, 0x14, 0x02, 0]) {
      return .foreign("a Windows shortcut")
    }
    // What is larger is no pointer, and is not searched.
    if bytes.count <= sizeLimit, let line = MergeConflict.line(in: bytes) {
      return .malformed(LinkProblem(line: line, message: "an unresolved merge conflict"))
    }
    if GitLFS.isPointer(bytes) {
      return .malformed(
        LinkProblem(message: "a Git LFS pointer: Git has not fetched this file, run `git lfs pull`")
      )
    }
    do throws(LinkProblem) {
      let source = try LinkSource(bytes)
      guard let first = source.firstLine else {
        throw LinkProblem(
          message: bytes.isEmpty ? "the file is empty" : "the file holds no pointer")
      }
      if first.text.unicodeScalars.first == "{" { return .pointer(try jsonForm(source)) }
      let found = try textForm(source)
      if let found { return .pointer(found) }
      if let line = source.misplacedHash {
        throw LinkProblem(
          line: line.line, column: line.column,
          message: "`sha256=` has to stand on a line below the URL, in lower case")
      }
      if isShared {
        if source.namesURL { return .foreign("a runtime link without sha256") }
        throw LinkProblem(
          line: first.line, column: first.column,
          message: "no line holds a URL, so it is no other program's link either")
      }
      throw LinkProblem(line: first.line, message: "no line `sha256=…` follows the URL")
    } catch {
      return .malformed(error)
    }
  }

  /// The pointer as fbuild's `lnk add` writes it: JSON with sorted keys and two spaces.
  public var json: String {
    var lines: [String] = []
    if extract != .file { lines.append(#"  "extract": "\#(extract.rawValue)""#) }
    lines.append(#"  "sha256": "\#(sha256)""#)
    if let size { lines.append(#"  "size": \#(size)"#) }
    lines.append(#"  "url": \#(StrictJSON.quoted(url))"#)
    lines.append(#"  "v": 1"#)
    return "{\n\(lines.joined(separator: ",\n"))\n}\n"
  }
}

extension LinkFile {
  /// The pointer's name without its ending.
  package static func targetName(of pointer: FilePath) -> String { pointer.stem ?? "" }
}
