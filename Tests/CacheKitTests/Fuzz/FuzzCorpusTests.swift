import Foundation
import FuzzTargets
import TestSupport
import Testing

/// The short run of `make fuzz`: each target takes its corpus and mutations of it, the same in every run.
@Suite("Fuzz targets", .serialized)
struct FuzzCorpusTests {
  private static let corpus = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fuzz/Corpus")

  /// Those that need the disk for each input take fewer.
  private static func rounds(_ target: FuzzTarget) -> Int {
    switch target {
    case .index, .snapshot, .tar, .zip, .journal: 40
    default: 1000
    }
  }

  @Test("takes what is committed, and mutations of it", arguments: FuzzTarget.allCases)
  func corpus(target: FuzzTarget) throws {
    let folder = Self.corpus.appending(path: target.rawValue)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(!names.isEmpty)
    var random = SeededRandom(seed: 7)
    for name in names {
      let seed = [UInt8](try Data(contentsOf: folder.appending(path: name)))
      target.run(seed)
      for _ in 0..<Self.rounds(target) { target.run(random.mutated(seed)) }
    }
  }
}
