import CPlatform
import Glibc
package import SystemPackage

/// A mount as the ground of notes about its files: what they are tied to, and how soon after a change they
/// can be believed.
package struct NotePlace: Sendable, Hashable {
  /// What a note names as the file system of its file.
  package struct Name: Sendable, Hashable {
    /// Made with the file system: the same after a remount, a reboot, on another device.
    static let lasting: UInt64 = 1
    /// One mount of this boot, whose number is never given again.
    package static let mount: UInt64 = 2
    /// One mount of this boot; on an old kernel a later mount may get the number.
    static let numbered: UInt64 = 3

    /// One of these, and of a lasting name the type of the file system too.
    package var kind: UInt64
    package var high: UInt64
    package var low: UInt64

    package init(kind: UInt64, high: UInt64, low: UInt64) {
      self.kind = kind
      self.high = high
      self.low = low
    }
  }

  /// What the file system says of itself; `nil` where it has no UUID.
  var lasting: Name?
  package var mount: Name?
  var numbered: Name?
  package var isReadOnly = false
  var isOverlay = false
  /// Change times are the kernel's clock, to the tick.
  var hasFineTimes = false

  /// A whole-second clock, and the two seconds of FAT: git's rule for its index.
  private static let coarseWindow: Int64 = 2_000_000_000

  /// The name under which a file with this stamp may be noted; `nil` where no note can be believed.
  ///
  /// An image brings its inodes and times along, so that two of them agree in everything: there only the
  /// mount itself tells them apart.
  package func name(for stamp: FileStamp) -> Name? {
    if isReadOnly || stamp.isWholeSecond { return mount }
    // Such a time may be that of a lower layer without change times of its own.
    if isOverlay, stamp.changed == stamp.modified { return mount }
    return lasting ?? mount ?? numbered
  }

  /// True where a change after `begun`, by the kernel's clock, would have given the file another time.
  package func isSettled(_ stamp: FileStamp, at begun: Int64) -> Bool {
    let age = begun.subtractingReportingOverflow(stamp.changed)
    guard !age.overflow else { return false }
    return age.partialValue > window(stamp)
  }

  /// True where only the end of the tick has to be waited for.
  package func settlesWithinTick(_ stamp: FileStamp) -> Bool { window(stamp) == 0 }

  private func window(_ stamp: FileStamp) -> Int64 {
    hasFineTimes && !stamp.isWholeSecond ? 0 : Self.coarseWindow
  }
}

extension NotePlace {
  /// The place of files in a folder that were seen on the mount of `stamp`; `nil` where the file systems
  /// are others, or of a kind whose numbers and times prove nothing.
  package init?(folder: FilePath, _ stamp: FileStamp) {
    var place = cplatform_place()
    guard stamp.mount != 0,
      folder.withPlatformString({ cplatform_place_of($0, &place) }) == 0,
      place.mount == stamp.mount, let times = Self.times[place.magic]
    else { return nil }
    isReadOnly = place.is_read_only != 0
    isOverlay = place.magic == Self.overlay
    hasFineTimes = times == .fine
    if place.has_id != 0 {
      let kind = Name.lasting | UInt64(bitPattern: place.magic) << 8
      lasting = Name(kind: kind, high: place.id.0, low: place.id.1)
    }
    guard let boot = Self.boot else { return }
    if stamp.isMountUnique {
      mount = Name(kind: Name.mount, high: boot, low: stamp.mount)
    } else {
      let low = stamp.identity.device << 32 ^ stamp.mount
      numbered = Name(kind: Name.numbered, high: boot, low: low)
    }
  }

  private enum Times { case fine, coarse }

  private static let overlay: Int64 = 0x794C_7630

  /// Local file systems that keep inode numbers and change times; on no other one a note is made: FUSE,
  /// NFS, CIFS and 9p invent the one or the other.
  private static let times: [Int64: Times] = [
    0xEF53: .fine, 0x0102_1994: .fine, 0x5846_5342: .fine, 0x9123_683E: .fine,
    overlay: .fine, 0xF2F5_2010: .fine, 0x2FC1_2FC1: .fine, 0xCA45_1A4E: .fine,
    0x8584_58F6: .fine, 0x7371_7368: .coarse, 0xE0F5_E1E2: .coarse, 0x9660: .coarse,
  ]

  /// The first half of the kernel's name for this boot.
  private static let boot: UInt64? = {
    guard let text = try? SmallFile.read("/proc/sys/kernel/random/boot_id", limit: 64) else {
      return nil
    }
    let digits = text.filter { $0 != UInt8(ascii: "-") }.prefix(16)
    return UInt64(String(decoding: digits, as: UTF8.self), radix: 16)
  }()
}

/// The clock that file systems take their times from: it stands still within a tick.
package enum TickClock {
  /// Nanoseconds since the epoch.
  package static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME_COARSE, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// Waits for the end of the tick that `time` is in, a few milliseconds at most; a time that lies further
  /// ahead, after the clock was set back, is not waited for.
  package static func pass(_ time: Int64) {
    for _ in 0..<50 {
      let ahead = time.subtractingReportingOverflow(now())
      guard !ahead.overflow, (0..<50_000_000).contains(ahead.partialValue) else { return }
      usleep(1000)
    }
  }
}
