"""What a daemon's start does to the blobs of a cache; each function is one check."""

from blobs import Blobs, Gate
from checks import assert_pull_works, check
from harness import World
from links import EVERY, assert_all, states


@check("three starts of a real daemon leave our blobs and rows alone (compat 4.1)", EVERY)
def daemon_starts(tools, version, blobs):
    with World(tools, version, blobs) as world:
        assert_all(world.ours(), "fetched")
        rows = world.query("SELECT * FROM entries ORDER BY id")
        for _ in range(3):
            with world.cleaning_daemon():
                world.assert_whole()
            assert world.query("SELECT * FROM entries ORDER BY id") == rows
        blobs.taken()
        assert_pull_works(world)
        assert_all(world.ours(), "hit")
        assert blobs.taken() == []
        world.assert_whole()


@check("a real daemon removes the blobs that fbuild itself fetched, and ours heals", EVERY)
def daemon_takes_theirs(tools, version, blobs):
    with World(tools, version, blobs) as world:
        assert_pull_works(world)
        with world.cleaning_daemon() as daemon:
            assert states(world)[0] == "gone"
            assert_all(world.ours(), "fetched")
            assert daemon.statistics()["entry_count"] == len(blobs.files)
        with world.cleaning_daemon():
            world.assert_whole()
        assert_pull_works(world)


@check("a daemon that starts during our download does not disturb it (T-G26)", EVERY)
def daemon_during_download(tools, version, _):
    with Blobs(1, 3_000_000) as blobs, World(tools, version, blobs) as world:
        blobs.gate = Gate()
        pull = world.start("lnk", "pull", "--json")
        assert blobs.gate.reached.wait(20), "no download"
        with world.cleaning_daemon():
            assert pull.poll() is None
            blobs.gate.opened.set()
            output, errors = pull.communicate(timeout=60)
            assert pull.returncode == 0, output + errors
            world.assert_whole()
        assert len(blobs.taken()) == 1
        assert_pull_works(world)


@check("a daemon leaves blobs alone whose URL ends in `.partial` (compat 4.3)", EVERY)
def daemon_partial_names(tools, version, _):
    with Blobs(3) as blobs, World(tools, version, blobs) as world:
        names = ["x.partial", "y.partial.zip", "z.partial.tar.gz"]
        blobs.files = dict(zip(names, blobs.files.values()))
        for pointer in world.project.iterdir():
            pointer.unlink()
        blobs.write_pointers(world.project)
        assert_all(world.ours(), "fetched")
        with world.cleaning_daemon():
            world.assert_whole()
        blobs.taken()
        assert_pull_works(world)
        assert blobs.taken() == []


def header(world):
    result = world.cachescope("inspect", "--script", "3", "--size", "160x20")
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.splitlines()[0]


@check("the header names the pid and port of a real daemon, and says when it is down", EVERY)
def daemon_state(tools, version, blobs):
    with World(tools, version, blobs) as world:
        assert_pull_works(world)
        assert "daemon down" in header(world), header(world)
        with world.daemon() as daemon:
            line = header(world)
            assert f"daemon up, pid {daemon.process.pid}, port {daemon.port}" in line, line
        assert "daemon down" in header(world), header(world)
