/// The four limits of fbuild's GC, each with where it comes from. Pure: `read` takes the facts.
public struct Budget: Sendable, Hashable {
  /// One limit, and what set it.
  public struct Limit: Sendable, Hashable {
    /// Bytes.
    public var bytes: UInt64
    /// The environment variable, or the rule: "5 % of the disk"; "daemon (pid 4121)" for one in force there.
    public var source: String
    /// What this process's own environment would set, where a daemon's limit is another one.
    public var shell: Shell?

    /// What this process's environment says.
    public struct Shell: Sendable, Hashable {
      /// The limit that it would set.
      public var bytes: UInt64
      /// The environment variable, or the rule.
      public var source: String
    }

    public init(bytes: UInt64, source: String, shell: Shell? = nil) {
      self.bytes = bytes
      self.source = source
      self.shell = shell
    }
  }

  /// Of downloads.
  public var archive: Limit
  /// Of unpacked packages.
  public var installed: Limit
  /// Of both; above it GC begins.
  public var highWatermark: Limit
  /// Of both; there GC stops.
  public var lowWatermark: Limit
  /// A daemon that runs and did not tell its own limits: these may not be in force.
  public var silentDaemon: Int64?

  /// The rules of fbuild: 5 % of the disk but at most 15 GiB for each phase, 10 % but at most 30 GiB
  /// for both, and four fifths of that as the low watermark.
  public static func of(
    totalDisk: UInt64, environment: (String) -> String? = CacheLocation.environmentText
  ) -> Budget {
    func limit(_ name: String, percent: Int, cap: UInt64) -> Limit {
      if let text = environment(name), let bytes = ByteSize.parse(text) {
        return Limit(bytes: bytes, source: name)
      }
      // fbuild says nothing of a value that it does not understand.
      let odd =
        environment(name).map { $0.contains { $0 != " " } } == true ? "; \(name) is no size" : ""
      let share = UInt64(Double(totalDisk) * (Double(percent) / 100))
      return share < cap
        ? Limit(bytes: share, source: "\(percent) % of the disk\(odd)")
        : Limit(bytes: cap, source: "default\(odd)")
    }
    let high = limit("FBUILD_CACHE_HIGH_WATERMARK", percent: 10, cap: 30 << 30)
    return Budget(
      archive: limit("FBUILD_CACHE_ARCHIVE_BUDGET", percent: 5, cap: 15 << 30),
      installed: limit("FBUILD_CACHE_INSTALLED_BUDGET", percent: 5, cap: 15 << 30),
      highWatermark: high,
      lowWatermark: Limit(
        bytes: lowWatermark(ofHigh: high.bytes), source: "80 % of the high watermark"))
  }
  /// In floating point, as fbuild multiplies.
  static func lowWatermark(ofHigh bytes: UInt64) -> UInt64 { UInt64(Double(bytes) * 0.80) }
}
