import CacheKit
import SystemPackage

/// Lists the leases that keep entries from fbuild's GC though no process holds them any more.
///
///     swift run StuckLeases [CACHE]
@main
struct StuckLeases {
  static func main() throws(CacheError) {
    let folder = CommandLine.arguments.dropFirst().first.map { FilePath($0) }
    // Without a folder the rules of fbuild choose: FBUILD_CACHE_DIR, else the one in the home folder.
    let context = ActionContext(location: try CacheLocation.choose(option: folder))
    // Looking writes nothing in the cache, and waits for nobody.
    let report = try ListLeases().perform(in: context)
    for row in report.leases.rows(where: \.isProvablyStuck) {
      let entry = row.lease.entry?.stem?.readable ?? "an entry that is gone"
      print("\(row.lease.id) on \(entry): \(row.judgement.evidence)")
    }
    let stuck = report.leases.stuck
    print("\(stuck.count) of \(report.leases.count) leases are stuck and keep \(stuck.bytes) bytes")
  }
}
