"""What has to hold between cachescope and real fbuild; each function is one check."""

import os
import sqlite3
import threading
import time

from harness import FIXTURES, World, until

CHECKS = []
ENTRY_COLUMNS = (
    "id kind url stem hash version archive_path archive_bytes archive_sha256 installed_path"
    " installed_bytes installed_at archived_at last_used_at use_count pinned").split()

# The second rows of durable pins.
TWINS = f"""
    FROM leases JOIN leases AS first USING (entry_id, holder_nonce)
    WHERE leases.holder_pid = 0 AND first.holder_pid = 1 AND holder_nonce >> 32 = {0x63736370}"""


def check(sentence, versions=("2.2.1", "2.5.47")):
    def register(function):
        CHECKS.append((sentence, versions, function))
        return function
    return register


def fixture_names():
    return sorted(path.name for path in FIXTURES.iterdir() if path.is_dir())


def assert_reading_is_exact(world):
    """Compares what cachescope lists with what SQLite selects, every column of every row.

    A durable pin is two rows in the index and one lease in every list: it counts once.
    """
    twins = dict(world.query(f"SELECT entry_id, count(*) {TWINS} GROUP BY entry_id"))
    wanted = [
        (*row[:-1], row[-1] - twins.get(row[0], 0)) for row in
        world.query(f"SELECT {', '.join(ENTRY_COLUMNS)} FROM entries ORDER BY id")]
    listed = sorted(world.report("entries")["entries"], key=lambda entry: entry["id"])
    seen = [tuple(entry[column] for column in ENTRY_COLUMNS) for entry in listed]
    assert seen == wanted, f"entries differ:\n{seen}\n{wanted}"
    for entry in listed:
        count, refcount = world.query(
            "SELECT count(*), coalesce(sum(refcount), 0) FROM leases WHERE entry_id = ?",
            entry["id"])[0]
        count, refcount = count - twins.get(entry["id"], 0), refcount - twins.get(entry["id"], 0)
        assert (entry["leases"], entry["refcount"]) == (count, refcount), entry
        assert entry["problems"] == [] or entry["pinned"] != refcount, entry["problems"]
    columns = "entry_id, holder_pid, holder_nonce, refcount, acquired_at"
    rows = set(world.query(
        f"SELECT {columns} FROM leases WHERE rowid NOT IN (SELECT leases.rowid {TWINS})"))
    leases = {
        (lease["entry_id"], lease["holder_pid"], to_signed(lease["holder_nonce"]),
         lease["refcount"], lease["acquired_at"])
        for lease in world.report("leases")["leases"]}
    assert leases == rows, f"leases differ:\n{leases}\n{rows}"
    recorded = set(world.query("SELECT id, applied_at FROM schema_migrations"))
    migrations = {
        (migration["id"], migration["applied_at"])
        for migration in world.report("migrations")["migrations"]
        if migration["applied_at"] is not None}
    assert migrations == recorded, f"migrations differ:\n{migrations}\n{recorded}"


def to_signed(nonce):
    value = int(nonce)
    return value - (1 << 64) if value >= 1 << 63 else value


def assert_pull_works(world):
    result = world.pull()
    assert result.returncode == 0, result.stdout + result.stderr
    checked = world.fbuild("lnk", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@check("real fbuild works on the demo cache that cachescope wrote")
def opens_demo(tools, version, blobs):
    with World(tools, version, blobs) as world:
        root = world.report("demo", str(world.base / "demo"))["cache"]
        world.use_cache(root)
        count = world.query("SELECT count(*) FROM entries")[0][0]
        statistics = world.fbuild("daemon", "cache-stats")
        assert statistics.returncode == 0, statistics.stderr
        assert f"{count} entries" in statistics.stdout, statistics.stdout
        assert_pull_works(world)
        assert_reading_is_exact(world)
        world.gc()


@check("lnk pull works on every fixture after `cachescope migrate`, and on VA not before")
def pull_after_migrate(tools, version, blobs):
    for fixture in fixture_names():
        if "VA" in fixture:
            with World(tools, version, blobs, fixture) as world:
                assert world.pull().returncode == 1, f"{fixture}: the fixture is not broken"
        with World(tools, version, blobs, fixture) as world:
            world.report("migrate")
            assert_pull_works(world)
            assert_reading_is_exact(world)
            listed = world.report("migrations")["migrations"]
            assert all(one["state"] == "applied" for one in listed), (fixture, listed)
            assert world.query("PRAGMA integrity_check") == [("ok",)], fixture


@check("a VA index that real fbuild broke further is repaired too")
def repair_after_failure(tools, version, blobs):
    with World(tools, version, blobs, "legacy-VA-bc8ba93b") as world:
        assert world.pull().returncode == 1
        world.report("migrate")
        assert_pull_works(world)


@check("X11: cachescope reads exactly what real fbuild wrote, also while it holds a lease")
def exact_reading(tools, version, blobs):
    with World(tools, version, blobs) as world:
        assert_pull_works(world)
        assert_pull_works(world)
        assert_reading_is_exact(world)
        holder = world.hold_lease()
        try:
            assert_reading_is_exact(world)
            lease = world.report("leases")["leases"][0]
            assert lease["holder_pid"] == holder.pid, lease
            if tools.proves_death:
                assert lease["verdict"] == "live", lease
        finally:
            status = holder.finish()
        assert status == 0, status
        assert_reading_is_exact(world)


@check("a durable pin keeps exactly its entry through GC with no budget, and unpin frees it")
def durable_pin(tools, version, blobs):
    with World(tools, version, blobs) as world:
        assert_pull_works(world)
        world.report("pin", "2", "--reason", "kept for the release")
        # A dead lease makes the GC reap, and so recompute every entry's pinned.
        world.hold_lease().kill()
        world.gc()
        left = world.query("SELECT id FROM entries WHERE pinned > 0")
        assert left == [(2,)] == world.query("SELECT id FROM entries"), left
        path = world.query("SELECT archive_path FROM entries")[0][0]
        assert os.path.exists(path), path
        world.gc()
        assert world.report("leases")["leases"][0]["verdict"] == "pin"
        assert_reading_is_exact(world)
        world.report("unpin", "2")
        world.gc()
        assert world.query("SELECT id FROM entries") == []
        assert not os.path.exists(path)


@check("a durable pin survives the GC of a running daemon")
def durable_pin_daemon(tools, version, blobs):
    with World(tools, version, blobs) as world:
        world.environment.update(
            FBUILD_CACHE_ARCHIVE_BUDGET="0", FBUILD_CACHE_INSTALLED_BUDGET="0",
            FBUILD_CACHE_HIGH_WATERMARK="0")
        with world.daemon() as daemon:
            assert_pull_works(world)
            world.report("pin", "3")
            answer = daemon.gc()
            assert answer and answer["success"], answer
            left = world.query("SELECT id FROM entries WHERE pinned > 0")
            assert left == [(3,)] == world.query("SELECT id FROM entries"), left
            world.report("unpin", "3")
            daemon.gc()
            assert world.query("SELECT id FROM entries") == []


@check("the lease of a SIGKILLed lnk pull is judged dead, with evidence, and released")
def stale_lease(tools, version, blobs):
    if not tools.proves_death:
        return "skipped: not the initial PID namespace, nothing is provable"
    with World(tools, version, blobs) as world:
        assert_pull_works(world)
        holder = world.hold_lease()
        holder.kill()
        lease = world.report("leases")["leases"][0]
        assert lease["verdict"] == "dead" and str(holder.pid) in lease["evidence"], lease
        world.report("release", "--stuck")
        assert world.query("SELECT count(*) FROM leases") == [(0,)]
        assert world.query("SELECT max(pinned) FROM entries") == [(0,)]
        assert_pull_works(world)


@check("a live holder is not released without --force, and its own release stays harmless")
def live_lease(tools, version, blobs):
    with World(tools, version, blobs) as world:
        assert_pull_works(world)
        holder = world.hold_lease()
        row = world.query("SELECT entry_id, holder_pid, holder_nonce FROM leases")[0]
        name = ":".join(str(part) for part in row)
        refused = world.cachescope("release", name, "--json")
        assert refused.returncode == 7, refused.stdout
        world.report("release", name, "--force")
        assert holder.finish() == 0
        assert world.query("SELECT count(*) FROM leases") == [(0,)]
        assert world.query("SELECT max(pinned), min(pinned) FROM entries") == [(0, 0)]


@check("fbuild and cachescope work on one cache at the same time without an error")
def side_by_side(tools, version, blobs):
    with World(tools, version, blobs) as world, world.daemon() as daemon:
        assert_pull_works(world)
        stop = time.monotonic() + 15
        failures, rounds = [], [0, 0, 0]

        def repeat(number, step):
            while time.monotonic() < stop and not failures:
                try:
                    step()
                    rounds[number] += 1
                except (AssertionError, sqlite3.Error) as error:
                    failures.append(str(error))

        def ours():
            world.report("pin", "1")
            world.report("entries")
            world.report("leases")
            world.report("migrate")
            world.report("unpin", "1")

        def daemon_works():
            assert daemon.statistics(), "the daemon gave no statistics"
            assert daemon.gc(), "the daemon's GC failed"

        workers = [
            threading.Thread(target=repeat, args=arguments)
            for arguments in ((0, ours), (1, lambda: assert_pull_works(world)), (2, daemon_works))]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert not failures, failures
        assert min(rounds) > 3, rounds
        until(lambda: world.query("SELECT count(*) FROM leases") == [(0,)], "no lease left")
        assert world.query("PRAGMA integrity_check") == [("ok",)]
        return f"{rounds[0]} rounds of ours, {rounds[1]} pulls, {rounds[2]} daemon GCs"


@check("real fbuild opens a legacy index while cachescope migrates it (T-C5)")
def open_during_migration(tools, version, blobs):
    for _ in range(5):
        with World(tools, version, blobs, "legacy-VB-de9a2cec") as world:
            results = []
            threads = [
                threading.Thread(target=lambda: results.append(world.cachescope("migrate"))),
                threading.Thread(
                    target=lambda: results.append(world.fbuild("daemon", "cache-stats"))),
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert all(result.returncode == 0 for result in results), results
            assert_pull_works(world)


@check("cachescope's own traces in a cache disturb nothing and survive")
def traces(tools, version, blobs):
    with World(tools, version, blobs, "legacy-VA-bc8ba93b") as world:
        world.report("migrate")
        world.report("pin", "1", "--reason", "why")
        before = world.query("SELECT id FROM schema_migrations ORDER BY id")
        meta = world.query("SELECT key, value FROM cache_meta ORDER BY key")
        assert_pull_works(world)
        world.fbuild("daemon", "cache-stats")
        world.gc()
        assert world.query("SELECT id FROM schema_migrations ORDER BY id") == before
        assert world.query("SELECT key, value FROM cache_meta ORDER BY key") == meta
        assert world.query("SELECT id FROM entries") == [(1,)]
