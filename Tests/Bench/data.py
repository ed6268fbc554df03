"""The inputs: indexes of any size in today's schema, and a folder of as many files for ncdu."""

import hashlib
import pathlib
import shutil
import sqlite3

SCHEMA = """
CREATE TABLE schema_migrations (id TEXT PRIMARY KEY, applied_at INTEGER NOT NULL);
CREATE TABLE cache_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE entries (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, url TEXT NOT NULL, stem TEXT NOT NULL,
  hash TEXT NOT NULL, version TEXT NOT NULL, archive_path TEXT, archive_bytes INTEGER,
  archive_sha256 TEXT, installed_path TEXT, installed_bytes INTEGER, installed_at INTEGER,
  archived_at INTEGER, last_used_at INTEGER NOT NULL, use_count INTEGER NOT NULL DEFAULT 0,
  pinned INTEGER NOT NULL DEFAULT 0, UNIQUE(kind, hash, version));
CREATE INDEX idx_lru_installed ON entries(last_used_at) WHERE installed_path IS NOT NULL;
CREATE INDEX idx_lru_archive ON entries(last_used_at) WHERE archive_path IS NOT NULL;
CREATE TABLE leases (
  entry_id INTEGER NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
  holder_pid INTEGER NOT NULL, holder_nonce INTEGER NOT NULL DEFAULT 0,
  refcount INTEGER NOT NULL DEFAULT 1, acquired_at INTEGER NOT NULL,
  PRIMARY KEY(entry_id, holder_pid, holder_nonce));
INSERT INTO schema_migrations VALUES ('m001_initial_schema', 1790000000);
INSERT INTO schema_migrations VALUES ('m002_add_leases_refcount', 1790000000);
INSERT INTO cache_meta VALUES ('schema_version', '1');
"""
MIGRATION = "cachescope_001_leases_holder_nonce"
KINDS = ("packages", "toolchains", "platforms", "libraries", "frameworks", "lnk-blobs")


def cache(folder, count):
    """A cache root with an index of `count` entries; made once and kept."""
    root = pathlib.Path(folder).resolve() / f"cache-{count}"
    if (root / "complete").exists():
        return root
    shutil.rmtree(root, ignore_errors=True)
    for name in ("archives", "installed"):
        (root / name).mkdir(parents=True)
    connection = sqlite3.connect(root / "index.sqlite")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(SCHEMA)
    connection.execute("INSERT INTO schema_migrations VALUES (?, 1790000000)", (MIGRATION,))
    with connection:
        connection.executemany(
            f"INSERT INTO entries VALUES ({', '.join('?' * 16)})",
            (entry(root, number) for number in range(1, count + 1)))
        connection.executemany(
            "INSERT INTO leases VALUES (?, ?, ?, 1, 1790000000)",
            ((number, 4_000_000 + number, 1790000000_000000000 + number)
             for number in range(1, min(count, 100) + 1)))
        connection.execute(
            "UPDATE entries SET pinned = 1 WHERE id IN (SELECT entry_id FROM leases)")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    (root / "complete").touch()
    return root


def entry(root, number):
    """One row; a fixed scramble of the number keeps every column's order apart from the ids."""
    scramble = number * 2654435761 % 4294967296
    kind = KINDS[scramble % 6]
    stem = f"bench-{scramble:010d}"
    url = f"https://example.com/releases/{number}/{stem}.tar.gz"
    sha = hashlib.sha256(url.encode()).hexdigest()
    bytes_, used = scramble % 500_000_000, 1_780_000_000 + scramble % 10_000_000
    if kind == "lnk-blobs":
        path = f"{root}/archives/lnk-blobs/{stem}/{sha[:16]}/{sha}/{stem}.tar.gz"
        return (number, kind, url, stem, sha[:16], sha, path, bytes_, sha, None, None, None, used,
                used, scramble % 300, 0)
    version = f"{scramble % 20}.{scramble % 7}.{scramble % 11}"
    path = f"{kind}/{stem}/{sha[:16]}/{version}"
    return (number, kind, url, stem, sha[:16], version, None, None, None, path, bytes_, used, None,
            used, scramble % 300, 0)


def files(folder, count):
    """A folder of `count` empty files, named like the entries."""
    root = pathlib.Path(folder).resolve() / f"files-{count}"
    root.mkdir(parents=True, exist_ok=True)
    if not (root / f"bench-{count}").exists():
        for number in range(1, count + 1):
            (root / f"bench-{number}").touch()
    return root
