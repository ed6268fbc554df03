/// The room that clearing a row takes on a full disk: less than that frees nothing, and would cost files
/// whose row stays.
///
/// SQLite makes `-shm` (32 KiB) and writes a frame for each page that it changes; the record of the step, the
/// folder of the run and a line of the journal, which may lie on the same disk, take a block or two each.
/// Opening an older index changes it, too. Measured on tmpfs with pages of 4 KiB and files of a block each.
struct ReliefNeed: Sendable, Hashable {
  /// Bytes or inodes that are missing.
  var amount: Int64
  var isOfInodes: Bool

  /// - Parameter sharedMemory: what `-shm` has on the disk already: an attempt that failed leaves it.
  static func bytes(pageSize: Int64, free: UInt64, sharedMemory: Int64 = 0) -> ReliefNeed {
    let missing = max(0, 32 * 1024 - max(0, sharedMemory))
    let amount = max(0, missing + 32 * 1024 + 12 * pageSize - Int64(clamping: free))
    return ReliefNeed(amount: amount, isOfInodes: false)
  }

  /// SQLite makes the log and its index where they are not there; any size is enough for them.
  ///
  /// - Parameter companions: how many of the two there are.
  static func inodes(companions: Int) -> ReliefNeed {
    ReliefNeed(amount: Int64(max(1, 2 - companions)), isOfInodes: true)
  }

  /// Which of the sizes is removed next: the first that is enough, or the largest where all together are.
  ///
  /// `nil` where they are not; but once one is gone the others go as well: what went would else be for nothing.
  /// Sizes are asked for one by one, as far as needed.
  static func choice(
    of count: Int, need: Int64, isBegun: Bool = false, size: (Int) -> Int64?
  ) -> Int? {
    var (sum, largest) = (Int64(0), (place: 0, size: Int64(0)))
    for place in 0..<count {
      guard let size = size(place), size > 0 else { continue }
      if size >= need { return place }
      sum = Saturating.add(sum, size).value
      if size > largest.size { largest = (place, size) }
    }
    return sum > 0 && (isBegun || sum >= need) ? largest.place : nil
  }
}
