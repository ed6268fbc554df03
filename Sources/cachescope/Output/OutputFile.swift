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
      let file = Output(descriptor: stream, name: Format.path(path))
      defer { file.flush() }
      return try body(file)
    }
  }

  private static func replace(
    _ path: FilePath, _ mode: mode_t, _ body: (Output) throws -> CacheError?
  ) throws -> CacheError? {
    let draft = try DraftFile(of: path, mode: mode, sweepsFolder: false)
    let file = Output(descriptor: draft.descriptor, name: Format.path(path))
    let failure: CacheError?
    do {
      failure = try body(file)
    } catch {
      draft.remove()
      throw error
    }
    file.flush()
    try draft.publishSynced(as: path)
    return failure
  }
}
