import TestSupport
import Testing

@testable import CacheKit

@Suite("The entry of a lease")
struct LeaseEntryTests {
  @Test("a lease names the URL, the path and the hash of its entry, the installed path first")
  func parts() throws {
    let cache = try TemporaryCache.filled(2)
    try RawIndex.run(
      cache.index,
      """
      UPDATE entries SET url = 'https://example.com/a', archive_path = 'archives/a',
        archive_sha256 = 'ab12', installed_path = NULL;
      UPDATE entries SET installed_path = 'installed/b' WHERE id = 2;
      DELETE FROM leases;
      INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)
        VALUES (1, 7, 1, 1, 1), (2, 7, 1, 1, 1), (99, 7, 1, 1, 1);
      """)
    let leases = try DiskCache.inspect(at: cache.location).leases()
    #expect(leases.map { $0.entry?.path } == ["archives/a", "installed/b", nil])
    #expect(leases.map { $0.entry?.sha256 } == ["ab12", "ab12", nil])
    #expect(
      leases.map { $0.entry?.url } == ["https://example.com/a", "https://example.com/a", nil])
  }
}
