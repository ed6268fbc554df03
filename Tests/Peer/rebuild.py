"""A lost or damaged index that cachescope makes again, under real fbuild."""

import os
import sqlite3
import time

from checks import check
from harness import World

COLUMNS = "kind, url, stem, hash, version, archive_path, archive_bytes, archive_sha256"


def lose(world):
    for suffix in ("", "-wal", "-shm"):
        (world.cache / f"index.sqlite{suffix}").unlink(missing_ok=True)


def damage(world):
    """Noise over a page in the middle, and no WAL that would mend it."""
    connection = sqlite3.connect(world.cache / "index.sqlite")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with open(world.cache / "index.sqlite", "r+b") as index:
        index.seek(4096)
        index.write(os.urandom(8192))


def assert_rebuilt(world, blobs, spoil):
    pulled = world.pull()
    assert pulled.returncode == 0, pulled.stdout + pulled.stderr
    rows = sorted(world.query(f"SELECT {COLUMNS} FROM entries"))
    assert len(rows) == len(blobs.files), rows
    spoil(world)
    result = world.cachescope("rebuild", "--project", str(world.project), "--yes", "--json")
    assert result.returncode == 0, result.stdout + result.stderr
    found = sorted(world.query(f"SELECT {COLUMNS} FROM entries"))
    assert found == rows, f"rows differ:\n{found}\n{rows}"
    blobs.taken()
    again = world.pull()
    assert again.returncode == 0, again.stdout + again.stderr
    requests = blobs.taken()
    assert requests == [], f"fetched again: {requests}"
    checked = world.fbuild("lnk", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert world.query("PRAGMA integrity_check") == [("ok",)]
    assert world.query("SELECT min(use_count) FROM entries")[0][0] > 0, "no hit was counted"


@check("X6: every row of a pulled project comes back without an index, and fbuild hits without a GET")
def rebuilds_lost(tools, version, blobs):
    with World(tools, version, blobs) as world:
        assert_rebuilt(world, blobs, lose)


@check("R6: every row of a pulled project comes back from a damaged index, which is kept")
def rebuilds_damaged(tools, version, blobs):
    with World(tools, version, blobs) as world:
        assert_rebuilt(world, blobs, damage)
        kept = [path.name for path in world.cache.glob("index.sqlite.damaged-*")]
        assert len(kept) == 1, kept


@check("a tree that fbuild installed is an entry again, which its GC takes and its totals count")
def rebuilds_tree(tools, version, blobs):
    with World(tools, version, blobs) as world:
        assert world.pull().returncode == 0
        tree = world.cache / "toolchains/example-tools/0123456789abcdef/1.2.3"
        (tree / "bin").mkdir(parents=True)
        (tree / "bin/gcc").write_bytes(b"x" * 5000)
        (tree / ".install_complete").touch()
        lose(world)
        result = world.cachescope("rebuild", "--project", str(world.project), "--yes", "--json")
        assert result.returncode == 0, result.stdout + result.stderr
        row = world.query(
            "SELECT hash, version, installed_path, installed_bytes FROM entries WHERE kind = ?",
            "toolchains")
        path = "toolchains/example-tools/0123456789abcdef/1.2.3"
        assert row == [("0123456789abcdef", "1.2.3", path, 5000)], row
        statistics = world.fbuild("daemon", "cache-stats")
        assert f"{len(blobs.files) + 1} entries" in statistics.stdout, statistics.stdout
        world.gc()
        assert not tree.exists() and not world.query("SELECT 1 FROM entries")


@check("X6: without a project the blobs are entries all the same: fbuild finds them by their hashes")
def rebuilds_without_urls(tools, version, blobs):
    with World(tools, version, blobs) as world:
        assert world.pull().returncode == 0
        lose(world)
        result = world.cachescope("rebuild", "--yes", "--json")
        assert result.returncode == 0, result.stdout + result.stderr
        assert world.query("SELECT count(*) FROM entries WHERE url = ''") == [(len(blobs.files),)]
        blobs.taken()
        again = world.pull()
        assert again.returncode == 0 and blobs.taken() == [], again.stdout + again.stderr
        # A later rebuild that knows the project gives them their URLs.
        named = world.cachescope("rebuild", "--project", str(world.project), "--yes", "--json")
        assert named.returncode == 0, named.stdout + named.stderr
        urls = {row[0] for row in world.query("SELECT url FROM entries")}
        assert urls == {blobs.url(name) for name in blobs.files}, urls
        again = world.pull()
        assert again.returncode == 0 and blobs.taken() == [], again.stdout + again.stderr


@check("R6: cache restore over a failed pull: its WAL is told as another index's, and both come back",
       ("2.5.47",))
def rebuilds_restored(tools, version, blobs):
    with World(tools, version, blobs) as world:
        assert world.pull().returncode == 0
        archive = str(world.base / "saved.tar.zst")
        saved = world.fbuild("cache", "save", archive, "--cache-dir", str(world.cache))
        assert saved.returncode == 0, saved.stdout + saved.stderr
        pointers = sorted(world.project.glob("*.lnk"))
        aside = [(path, path.read_bytes()) for path in pointers[1:]]
        for path, _ in aside:
            path.unlink()
        missing = world.project / "missing.bin.lnk"
        missing.write_text(pointers[0].read_text().replace("/blob", "/none"))
        # When an index was made is noted in whole seconds.
        time.sleep(1.1)
        world.use_cache(world.base / "other")
        assert world.pull().returncode == 1, "a pull that fails leaves its WAL"
        assert (world.cache / "index.sqlite-wal").stat().st_size > 0
        restored = world.fbuild("cache", "restore", archive, "--cache-dir", str(world.cache))
        assert restored.returncode == 0, restored.stdout + restored.stderr
        told = world.cachescope("status")
        assert "its WAL is of another index" in told.stdout, told.stdout
        refused = world.cachescope("pin", "1")
        assert refused.returncode == 4, refused.stderr
        missing.unlink()
        for path, text in aside:
            path.write_bytes(text)
        rebuilt = world.cachescope("rebuild", "--project", str(world.project), "--yes")
        assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
        blobs.taken()
        again = world.pull()
        assert again.returncode == 0 and blobs.taken() == [], again.stdout + again.stderr
