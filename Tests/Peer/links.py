"""What has to hold where both resolve pointers into one cache; each function is one check."""

import os
import pathlib
import shutil
import signal
import time

from blobs import Blobs
from checks import assert_pull_works, check
from harness import NO_BUDGET, World, until

EVERY = ("2.2.1", "2.4.0", "2.5.47")


def assert_all(results, wanted):
    assert results and set(results.values()) == {wanted}, results


def states(world):
    """The state and the problem of each pointer, which have to be the same for all."""
    found = {(link["state"], link["problem"]) for link in world.report("lnk", "list")["links"]}
    assert len(found) == 1, found
    return found.pop()


@check("fbuild takes what `cachescope lnk pull` fetched for a hit, without a GET", EVERY)
def theirs_hits_ours(tools, version, blobs):
    with World(tools, version, blobs) as world:
        blobs.taken()
        assert_all(world.ours(), "fetched")
        assert len(blobs.taken()) == len(blobs.files)
        before = world.rows()
        assert_pull_works(world)
        assert blobs.taken() == [], "fbuild fetched again"
        assert world.rows() == before
        assert world.query("SELECT DISTINCT use_count FROM entries") == [(1,)]
        world.assert_whole()


@check("`cachescope lnk pull` takes what fbuild fetched for a hit, without a GET", EVERY)
def ours_hits_theirs(tools, version, blobs):
    with World(tools, version, blobs) as world:
        blobs.taken()
        assert_pull_works(world)
        assert len(blobs.taken()) == len(blobs.files)
        before = world.rows()
        target = world.base / "target"
        assert_all(world.ours("--into", str(target)), "hit")
        assert blobs.taken() == [], "cachescope fetched again"
        for name, body in blobs.files.items():
            assert (target / name).read_bytes() == body, name
        assert world.rows() == before
        assert world.query("SELECT DISTINCT use_count FROM entries") == [(1,)]
        assert world.cachescope("lnk", "check", "--deep").returncode == 0
        world.assert_whole()


class Together:
    """Rounds in which both programs pull one project at once."""

    def __init__(self, world):
        self.world, self.rounds = world, 0
        self.pulls, self.failed, self.wrong, self.collections = 0, 0, 0, 0

    def round(self, collects=False):
        world, targets = self.world, [self.world.base / f"target{n}" for n in range(2)]
        for target in targets:
            shutil.rmtree(target, ignore_errors=True)
        self.prepare()
        theirs = [world.start("lnk", "pull", program=world.fbuild_path()) for _ in range(2)]
        ours = [world.start("lnk", "pull", "--json", "--into", str(target)) for target in targets]
        while collects and any(process.poll() is None for process in ours):
            world.fbuild("purge", "--gc", **NO_BUDGET)
            self.collections += 1
        for process in ours:
            output, errors = process.communicate(timeout=120)
            assert process.returncode == 0, (process.returncode, output, errors)
        for process in theirs:
            process.communicate(timeout=120)
            self.pulls += 1
            self.failed += process.returncode != 0
        for target in targets:
            for name, body in world.blobs.files.items():
                assert (target / name).read_bytes() == body, f"{target / name}: other bytes"
        self.rounds += 1

    def heal(self):
        """fbuilds share one staging file: one may record what the other was still writing."""
        try:
            self.world.assert_whole()
        except (AssertionError, FileNotFoundError, KeyError):
            self.wrong += 1
            self.world.ours()
            self.world.assert_whole()

    def prepare(self):
        """In turn: no cache at all, one without its files, one that lacks a blob, a whole one."""
        world, turn = self.world, self.rounds % 4
        if turn == 0:
            shutil.rmtree(world.cache, ignore_errors=True)
        elif turn == 1:
            shutil.rmtree(world.cache / "archives")
        elif turn == 2:
            os.unlink(world.rows()[world.blobs.url("blob0.bin")][0])


@check("both pull one project at once: cachescope never fails and never gives wrong bytes (T-K2)")
def pull_together(tools, version, _):
    with Blobs(4, 1_000_000) as blobs, World(tools, version, blobs) as world:
        together = Together(world)
        stop = time.monotonic() + 15
        while time.monotonic() < stop:
            together.round()
            together.heal()
        assert together.rounds > 8, together.rounds
        assert_pull_works(world)
        return (
            f"{together.rounds} rounds; of fbuild's own {together.pulls} pulls {together.failed}"
            f" failed; it left {together.wrong} wrong rows or blobs, which cachescope healed")


@check("the same while fbuild's GC takes every blob that it may (T-K2)")
def pull_during_gc(tools, version, _):
    with Blobs(4, 300_000) as blobs, World(tools, version, blobs) as world:
        together = Together(world)
        stop = time.monotonic() + 10
        while time.monotonic() < stop:
            together.round(collects=True)
            together.heal()
        assert together.rounds > 4, together.rounds
        return (
            f"{together.rounds} rounds with {together.collections} GCs; of fbuild's own"
            f" {together.pulls} pulls {together.failed} failed")


@check("GC with no budget takes our blobs, and what the guard leaves behind is harmless", EVERY)
def gc_takes_ours(tools, version, blobs):
    with World(tools, version, blobs) as world:
        assert_all(world.ours(), "fetched")
        paths = [pathlib.Path(row[0]) for row in world.rows().values()]
        world.gc()
        assert world.rows() == {}
        for path in paths:
            assert not path.exists(), path
            assert os.listdir(path.parent) == [".keep"], os.listdir(path.parent)
        assert states(world) == ("missing", None)
        with world.cleaning_daemon():
            assert_all(world.ours(), "fetched")
            world.assert_whole()
        assert_pull_works(world)
        world.assert_whole()
        world.gc()
        blobs.taken()
        assert_pull_works(world)
        assert len(blobs.taken()) == len(blobs.files)
        world.assert_whole()


class StoppedPull:
    """A `cachescope lnk pull` that stands still while it holds the lease of its only blob."""

    def __init__(self, world):
        self.world = world
        self.process = world.start("lnk", "pull", "--json")
        until(self.is_held, "a lease of our own pull")
        self.process.send_signal(signal.SIGSTOP)
        assert self.is_held(), "it was too quick: the lease is gone"

    def is_held(self):
        return self.world.query("SELECT 1 FROM leases WHERE holder_pid = ?", self.process.pid)

    def finish(self):
        self.process.send_signal(signal.SIGCONT)
        output, errors = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, output + errors


@check("GC leaves a blob alone while `cachescope lnk pull` holds its lease, and not after", EVERY)
def gc_during_pull(tools, version, _):
    with Blobs(1, 200_000_000) as blobs, World(tools, version, blobs) as world:
        assert_pull_works(world)
        path = pathlib.Path(world.rows()[blobs.url("blob0.bin")][0])
        pull = StoppedPull(world)
        world.gc()
        assert path.stat().st_size == 200_000_000
        assert world.query("SELECT pinned FROM entries") == [(1,)]
        pull.finish()
        world.assert_whole()
        world.gc()
        assert not path.exists() and world.rows() == {}


@check("`cachescope lnk add` writes a pointer that fbuild pulls without a GET", EVERY)
def added_pointer(tools, version, blobs):
    with World(tools, version, blobs) as world:
        shutil.rmtree(world.project)
        world.project.mkdir()
        world.report("lnk", "add", blobs.url("blob0.bin"))
        world.report("lnk", "add", blobs.url("blob1.bin"), "-o", "sub/other.lnk")
        assert sorted(os.listdir(world.project)) == ["blob0.bin.fetch", "sub"]
        blobs.taken()
        pulled = world.pull()
        assert pulled.returncode == 0, pulled.stdout + pulled.stderr
        assert blobs.taken() == [], "fbuild fetched again"
        assert "other.lnk" in pulled.stdout, pulled.stdout
        assert ("blob0.bin.fetch" in pulled.stdout) == (version == "2.5.47"), pulled.stdout
        refused = world.cachescope("lnk", "add", blobs.url("blob0.bin"), "--json")
        assert refused.returncode == 7, refused.stdout
        name = "blob0.bin.fetch" if version == "2.5.47" else "blob0.bin.lnk"
        theirs = world.fbuild("lnk", "add", blobs.url("blob0.bin"), "-o", f"theirs/{name}")
        assert theirs.returncode == 0, theirs.stdout + theirs.stderr
        same = (world.project / "theirs" / name).read_bytes()
        assert (world.project / "blob0.bin.fetch").read_bytes() == same
