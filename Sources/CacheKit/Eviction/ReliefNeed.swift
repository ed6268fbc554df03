/// The room that clearing a row takes on a full disk: less than that frees nothing, and would cost files
/// whose row stays.
///
/// SQLite makes `-shm` (32 KiB) and writes a frame for each page that it changes; the record of the step and
/// the folder of the run take a block each. Measured on tmpfs: 60 KiB are enough where pages have 4 KiB.
enum ReliefNeed {
  static func bytes(pageSize: Int64, free: UInt64) -> Int64 {
    max(0, 40 * 1024 + 6 * pageSize - Int64(clamping: free))
  }

  /// Which of the sizes is removed next: the first that is enough, or the largest where all together are.
  ///
  /// `nil` where they are not. Sizes are asked for one by one, as far as needed.
  static func choice(
    of count: Int, need: Int64, size: (Int) -> Int64?
  ) -> Int? {
    var (sum, largest) = (Int64(0), (place: 0, size: Int64(0)))
    for place in 0..<count {
      guard let size = size(place), size > 0 else { continue }
      if size >= need { return place }
      sum = Saturating.add(sum, size).value
      if size > largest.size { largest = (place, size) }
    }
    return sum > 0 && sum >= need ? largest.place : nil
  }
}
