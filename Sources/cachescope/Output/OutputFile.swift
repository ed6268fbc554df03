import CacheKit
import Glibc
import Inspector
import SystemPackage

/// A file that a person names for an answer: a plain one is replaced as a whole, a pipe or a device is written to.
enum OutputFile {
  static func write(
    _ place: FilePath, mode: mode_t, _ body: (Output) throws -> CacheError?
  ) throws -> CacheError? {
    switch try OutputPlace(place) {
    case .file(let path): return try replace(path, mode, body)
    case .stream(let path):
      let stream = try OutputPlace.open(stream: path)
      defer { close(stream) }
      return try fill(Output(descriptor: stream, name: Format.path(path), place: path), body)
    }
  }

  /// What was said has to be there, or the error of the file counts.
  private static func fill(
    _ file: Output, _ body: (Output) throws -> CacheError?
  ) throws -> CacheError? {
    let result = Result { try body(file) }
    file.flush()
    if let failure = file.failure { throw failure }
    return try result.get()
  }

  private static func replace(
    _ path: FilePath, _ mode: mode_t, _ body: (Output) throws -> CacheError?
  ) throws -> CacheError? {
    let draft = try DraftFile(of: path, mode: mode, sweepsFolder: false)
    let file = Output(descriptor: draft.descriptor, name: Format.path(path), place: path)
    let failure: CacheError?
    do {
      failure = try fill(file, body)
    } catch {
      draft.remove()
      throw error
    }
    try draft.publishSynced(as: path)
    return failure
  }
}
