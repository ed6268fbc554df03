/// The times that a lease row carries, as far as they can be used.
struct LeaseTimes: Sendable, Hashable {
  /// The holder's first lease, in seconds since the epoch.
  let nonce: Double?
  /// The holder's first lease on this entry, in seconds since the epoch.
  let acquired: Double?

  /// Start times are rounded, and boot time moves a little with each correction of the clock.
  static let slack = 5.0
  /// Enough where both sides count whole seconds.
  static let coarseSlack = 2.0
  /// 2020-01-01: no fbuild with leases is older, so an earlier time is a clock that was never set.
  static let earliest = 1_577_836_800.0

  init(_ lease: Lease) {
    nonce = lease.id.nonce.flatMap(Self.seconds(fromNonce:))
    acquired = lease.acquiredAt.flatMap { Double($0) >= Self.earliest ? Double($0) : nil }
  }

  private static func seconds(fromNonce nonce: UInt64) -> Double? {
    guard nonce <= UInt64(Int64.max) else { return nil }
    let seconds = Double(nonce) / 1e9
    return seconds >= earliest ? seconds : nil
  }

  /// The time to show: of the nonce where there is one.
  var best: Double? { nonce ?? acquired }

  /// True where every usable time lies before `moment` by more than the clocks' uncertainty.
  func areBefore(_ moment: Double) -> Bool {
    switch (nonce, acquired) {
    case (let nonce?, let acquired?):
      nonce + Self.slack < moment && acquired + Self.slack < moment
    case (let nonce?, nil): nonce + Self.slack < moment
    case (nil, let acquired?): acquired + Self.coarseSlack < moment
    case (nil, nil): false
    }
  }

  /// True where a usable time lies after `moment`.
  func areAfter(_ moment: Double) -> Bool {
    [nonce, acquired].contains { $0.map { $0 > moment + Self.slack } ?? false }
  }

  /// Seconds since the lease on this entry was taken.
  func age(at now: Double) -> Double? {
    (acquired ?? nonce).map { now - $0 }
  }
}
