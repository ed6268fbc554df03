import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheKit

@Suite struct BackupTests {
  @Test("a stamp is its time again, and what is no date is none")
  func stamps() {
    for time: Int64 in [0, 1_795_690_265, 253_402_300_799] {
      #expect(BackupName.time(ofStamp: BackupName.stamp(time)) == time)
    }
    for text in ["20261341T081500", "20260230T000000", "20261129T081560", "x", "20261129-081500"] {
      #expect(BackupName.time(ofStamp: text) == nil, "\(text)")
    }
  }
}
