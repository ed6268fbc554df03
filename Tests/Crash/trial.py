"""One case in one world: how it ends when nobody interferes, and what is left when somebody does."""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import threading

from cases import NEXT, serve, spelled
from world import Files

# Every so many kills a doctor looks at what came of it, too.
DIAGNOSED = 4
# What is known of blobs: it may be lost, and saves time alone.
NOTES = "home/state/cachescope/verified"
TRASH = ".cachescope-trash"


class Tools:
    def __init__(self, options, folder):
        self.binary, self.fbuild = os.path.abspath(options.binary), options.fbuild
        self.strike = os.path.join(folder, "strike")
        source = pathlib.Path(__file__).parent / "strike.c"
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        assert compiler, "no C compiler is here"
        subprocess.run([compiler, "-O2", "-o", self.strike, source], check=True)
        self.server = Files()
        serve(self.server)


class Trial:
    """One case in one world: how it ends when nobody interferes, and each kill against that."""

    def __init__(self, case, world):
        self.case, self.world = case, world
        world.cache = world.here / case.cache
        world.environment["FBUILD_CACHE_DIR"] = str(world.cache)
        world.restore("origin")
        # A damaged index does not tell what its rows lack.
        lacking = world.facts().bad
        if case.prepare:
            case.prepare(world)
        (world.here / "peer").mkdir()
        shutil.rmtree(world.base / "start", ignore_errors=True)
        world.keep("start")
        self.before = world.facts()
        self.before.bad |= lacking
        self.words = spelled(world, case.words)
        result, self.calls = world.strike(self.words, "count", 0, **case.variables)
        if result.returncode != case.code or not case.made(world):
            raise AssertionError(
                f"{case.name} does not work: {result.returncode} {result.stdout} {result.stderr}")
        self.once_more()
        self.after = world.facts()
        self.findings = self.found()

    def found(self):
        """The findings of a fresh doctor, by name."""
        result = self.world.run(["doctor", "--json"])
        assert result.returncode in (0, 1), f"doctor: {result.returncode} {result.stdout[-300:]}"
        # Whatever starts meanwhile may get the number of a holder that is gone.
        names = {item["id"] for item in json.loads(result.stdout)["findings"]}
        return {"lease_dead" if name == "lease_reused" else name for name in names}

    def next_words(self):
        """The next run, and its code; that of another change where this one cannot be made twice."""
        if callable(self.case.again):
            return self.case.again(self.world), 0
        if self.case.again and self.is_made():
            return self.case.again, 0
        return self.words, self.case.code

    def once_more(self):
        words, code = self.next_words()
        return self.world.run(words, **self.case.variables), code

    def is_made(self):
        try:
            return bool(self.case.made(self.world))
        except Exception:
            # No index, or none of that shape: it was not.
            return False

    def kill(self, how, at, dies_twice):
        """What is wrong after a kill, or [], or None where the run had ended before it."""
        world = self.world
        world.restore("start")
        result, calls = world.strike(self.words, how, at, **self.case.variables)
        if result.returncode != 137:
            return None
        faults = self.look(world.facts(), bool(result.stdout))
        if dies_twice:
            again = random.Random(at).randrange(1, len(self.calls) + 1)
            result, _ = world.strike(self.next_words()[0], "kill", again, **self.case.variables)
            faults += self.look(world.facts(), False)
        result, code = self.once_more()
        if result.returncode != code:
            faults.append(f"T-J6: the next run ends with {result.returncode}: {result.stderr[-300:]}")
        faults += self.converged(world.facts())
        if at % DIAGNOSED == 0 or faults:
            faults += self.diagnosed()
        return [f"{self.case.name}, {how} at {at} ({' '.join(calls[-1])}): {fault}" for fault in faults]

    def look(self, facts, was_acknowledged):
        faults = []
        # Where there was no index, a part of making one may be there.
        allowed = {"ok": ["ok"], "no index": ["ok", "no index", "no tables"]}
        if facts.check not in allowed.get(self.before.check, [facts.check]):
            faults.append(f"T-J1: {facts.check}")
        if facts.check == "ok" and facts.bad - self.before.bad:
            faults.append(f"T-J2: rows without their files: {sorted(facts.bad - self.before.bad)}")
        if facts.outside != self.before.outside:
            faults.append("T-J3: something outside of the cache changed")
        known = self.before.leases | self.after.leases
        alive = [lease for lease in facts.leases - known if lease[1] > 1 and is_alive(lease[1])]
        if alive:
            faults.append(f"T-J4: leases of living processes: {alive}")
        if was_acknowledged and not self.is_made():
            faults.append("T-J7: it was acknowledged, and is not there")
        return faults

    def converged(self, facts):
        """What a run that followed a kill left otherwise than one that followed none."""
        faults = []
        if facts.check != "ok":
            faults.append(f"T-J1 after one more run: {facts.check}")
        if not self.is_made():
            faults.append("T-J6: one more run has not made it")
        left = self.compared(facts.names - self.after.names - self.before.names)
        if left:
            faults.append(f"T-J6: left over: {left[:6]}")
        lost = self.compared(self.after.names - facts.names)
        if lost:
            faults.append(f"T-J6: lost: {lost[:6]}")
        if facts.bad - self.after.bad:
            faults.append(f"T-J2 after one more run: {sorted(facts.bad - self.after.bad)}")
        other = {lease for lease in facts.leases ^ self.after.leases if not (self.case.again and lease[0] == 9)}
        if other:
            faults.append(f"T-J4: other leases: {sorted(other)[:6]}")
        # A pull that has nothing to note leaves that to the next change that has.
        if facts.unfinished and self.world.run(NEXT).returncode == 0:
            unfinished = facts.journal(self.world)
            faults += [f"T-J6: unfinished in the journal: {unfinished}"] if unfinished else []
        return faults

    def compared(self, names):
        """The names that have to be the same whenever it was killed."""
        return sorted(
            name for name in names
            if name != NOTES and not (self.case.keeps and f"/{TRASH}" in name))

    def diagnosed(self):
        """What a fresh doctor finds, or does not find, because of a kill."""
        other = self.found() ^ self.findings
        return [f"T-J6: doctor finds {sorted(other)}"] if other else []

    def peer(self, at):
        """Real fbuild on what a kill left (T-J8)."""
        world = self.world
        world.restore("start")
        result, _ = world.strike(self.words, "kill", at, **self.case.variables)
        pointer = world.tools.server.pointer("one.bin")
        (world.here / "peer/one.bin.lnk").write_text(pointer)
        pulled = world.fbuild("lnk", "pull")
        if result.returncode == 137 and pulled.returncode != 0:
            return [f"{self.case.name}, kill at {at}: T-J8: {pulled.stdout[-300:]}{pulled.stderr[-300:]}"]
        return []


def is_alive(pid):
    return os.path.exists(f"/proc/{pid}")


class Count:
    def __init__(self):
        self.kills = self.twice = self.peers = 0
        self.faults = []
        self.lock = threading.Lock()

    def add(self, faults, kills=1, twice=0, peers=0):
        with self.lock:
            self.kills += kills
            self.twice += twice
            self.peers += peers
            self.faults += faults


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--case", action="append")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--at", action="append", help="HOW:N, one call of the cases named")
    parser.add_argument("--fbuild")
    return parser


def place():
    """Memory, where there is enough of it: a kill asks nothing of the disk, and a sync there takes long."""
    memory = "/dev/shm"
    return memory if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30 else None
