"""Durable pins beside every kind of GC: which process ids count as alive differs by release and user."""

import os

from checks import assert_pull_works, assert_reading_is_exact, check
from harness import World

RELEASES = ("2.2.31", "2.5.18", "2.5.19", "2.5.47")
# The first release that takes pid 0 for dead, and a process of another user for alive.
TURN = (2, 5, 19)
USER = 65534


def users():
    """The uids that can be tried from here."""
    return [0, USER] if os.getuid() == 0 else [os.getuid()]


def reaped_pid(version, uid):
    """The row of a pin that a GC takes; None where it takes neither."""
    if tuple(map(int, version.split("."))) >= TURN:
        return 0
    return None if uid == 0 else 1


def pin_rows(world, entry):
    rows = world.query(
        "SELECT holder_pid FROM leases WHERE entry_id = ? AND holder_nonce >> 32 = ?",
        entry, 0x63736370)
    return sorted(pid for pid, in rows)


def assert_recomputed(world):
    sums = world.query(
        "SELECT id, pinned, (SELECT coalesce(sum(refcount), 0) FROM leases WHERE entry_id = id)"
        " FROM entries")
    assert all(pinned == total for _, pinned, total in sums), sums


def collect(world):
    """A GC with no budget that has something to reap, so that it recomputes every pin count."""
    world.hold_lease().kill()
    world.gc()
    assert_recomputed(world)


@check("a durable pin survives the GC of every release, run by root and by a user", RELEASES)
def pair_survives(tools, version, blobs):
    for uid in users():
        with World(tools, version, blobs) as world:
            if os.getuid() == 0 and uid != 0:
                world.become(uid)
            assert_pull_works(world)
            world.report("pin", "2", "--reason", "kept")
            assert pin_rows(world, 2) == [0, 1]
            collect(world)
            assert world.query("SELECT id FROM entries") == [(2,)], uid
            path, = world.query("SELECT archive_path FROM entries")[0]
            assert os.path.exists(path), path
            left = [pid for pid in (0, 1) if pid != reaped_pid(version, uid)]
            assert pin_rows(world, 2) == left, (uid, pin_rows(world, 2))
            leases = world.report("leases")["leases"]
            assert [lease["verdict"] for lease in leases] == ["pin"], leases
            assert_reading_is_exact(world)
            again = world.cachescope("pin", "2")
            assert again.returncode == 0, again.stderr
            assert ("put back" in again.stderr) == (len(left) == 1), again.stderr
            assert pin_rows(world, 2) == [0, 1]
            assert_recomputed(world)
            collect(world)
            assert world.query("SELECT id FROM entries") == [(2,)], uid
            world.report("unpin", "2")
            world.gc()
            assert world.query("SELECT id FROM entries") == []
            assert not os.path.exists(path)


@check("what GCs of old and new releases take in turn is put back by our next run", ("2.5.47",))
def taken_in_turn(tools, version, blobs):
    uid = users()[-1]
    if uid == 0:
        return "skipped: not without an ordinary user"
    with World(tools, version, blobs) as world:
        if os.getuid() == 0:
            world.become(uid)
        assert_pull_works(world)
        world.report("pin", "2")
        for release in ("2.5.18", "2.5.47"):
            world.version = release
            collect_leaving(world)
        assert pin_rows(world, 2) == [], "both rows were to go"
        found = [one["id"] for one in world.report("status")["findings"]]
        assert "pin_lost" in found, found
        fixed = world.cachescope("doctor", "--fix")
        assert "put back the durable pin on entry 2" in fixed.stderr, fixed.stderr
        assert pin_rows(world, 2) == [0, 1]
        # Between two of our runs, one release alone takes one row at most.
        for release in ("2.5.18", "2.5.47", "2.2.31", "2.5.19"):
            world.version = release
            collect(world)
            assert world.cachescope("pin", "2").returncode == 0
            assert pin_rows(world, 2) == [0, 1]
        assert world.query("SELECT id FROM entries") == [(2,)]


def collect_leaving(world):
    """A GC that reaps and has room for everything."""
    world.hold_lease().kill()
    result = world.fbuild("purge", "--gc")
    assert result.returncode == 0, result.stdout + result.stderr
