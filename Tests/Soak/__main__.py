"""Everybody works on one cache at once: our program, SQLite writers, an open inspector and real fbuild.

    python3 Tests/Soak BINARY VENVS SECONDS

At the end no byte was wrong, no update and no pin is lost (T-K1, T-K2), the log of the index stayed at what SQLite
allows it (T-K3), staging is empty, and the inspector took no more memory than in its first quarter.
"""

import collections
import multiprocessing
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Peer"))

from blobs import Blobs  # noqa: E402
from harness import World  # noqa: E402

VERSION = "2.5.47"
WRITERS = 4
# SQLite, and so fbuild, moves the log into the index once it has 1,000 pages, 4.1 MB, and starts it anew when nobody
# reads it at that moment: among so many readers that takes some more commits, and must not take for ever.
LOG_LIMIT = 8 << 20
# How much memory the inspector may take beyond what it had in its first quarter.
GROWTH = 6 << 20
SMALL = {"FBUILD_CACHE_ARCHIVE_BUDGET": "600K", "FBUILD_CACHE_HIGH_WATERMARK": "1M"}


class Tools:
    def __init__(self, binary, venvs):
        self.binary, self.venvs = os.path.abspath(binary), pathlib.Path(venvs).absolute()


class Soak:
    def __init__(self, world, blobs, seconds):
        self.world, self.blobs = world, blobs
        self.end = time.monotonic() + seconds
        self.counts, self.faults = collections.Counter(), []
        self.lock = threading.Lock()

    def is_on(self):
        return time.monotonic() < self.end

    def note(self, name, fault=None):
        with self.lock:
            self.counts[name] += 1
            if fault:
                self.faults.append(f"{name}: {fault}")

    def prepare(self):
        """Rows that writers own: each has a lease of this process, so that no GC takes it."""
        assert self.world.cachescope("lnk", "pull").returncode == 0
        now = int(time.time())
        for number in range(2 * WRITERS):
            folder = self.world.cache / f"installed/packages/soak{number}/0123456789abcde{number}/1"
            folder.mkdir(parents=True)
            (folder / ".install_complete").write_text("")
            (folder / "file").write_text("x" * 1000)
            self.world.query(
                "INSERT INTO entries (id, kind, url, stem, hash, version, installed_path, installed_bytes,"
                " installed_at, last_used_at, use_count, pinned) VALUES (?, 'packages', ?, ?, ?, '1', ?, 1000, ?, ?, 0, 1)",
                100 + number, f"http://127.0.0.1/soak{number}", f"soak{number}", f"0123456789abcde{number}",
                str(folder), now, now)
            self.world.query(
                "INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)"
                " VALUES (?, ?, ?, 1, ?)", 100 + number, os.getpid(), time.time_ns(), now)

    def pin_and_unpin(self, number):
        """Ends with a pin."""
        entry = str(100 + number)
        while self.is_on():
            for verb in ("unpin", "pin"):
                done = self.world.cachescope(verb, entry)
                self.note(verb, None if done.returncode == 0 else f"{done.returncode} {done.stderr[-200:]}")

    def pull(self, number):
        target = self.world.base / f"target{number}"
        while self.is_on():
            shutil.rmtree(target, ignore_errors=True)
            done = self.world.cachescope("lnk", "pull", "--into", str(target))
            self.note("pull", None if done.returncode == 0 else f"{done.returncode} {done.stdout[-300:]}")
            for name, body in self.blobs.files.items():
                path = target / name
                if done.returncode == 0 and (not path.exists() or path.read_bytes() != body):
                    self.note("bytes", f"{path} holds other bytes")

    def repeat(self, name, codes, *words, **variables):
        while self.is_on():
            done = self.world.cachescope(*words, **variables)
            self.note(name, None if done.returncode in codes else f"{done.returncode} {done.stderr[-300:]}")

    def fbuild(self, name, *words, **variables):
        """Its own failures are its own; they are counted."""
        while self.is_on():
            done = self.world.fbuild(*words, **variables)
            self.note(name if done.returncode == 0 else f"{name} that failed")

    def measure(self, inspector):
        log, sizes = self.world.cache / "index.sqlite-wal", []
        self.log_most = 0
        while self.is_on():
            time.sleep(0.2)
            try:
                self.log_most = max(self.log_most, log.stat().st_size)
            except FileNotFoundError:
                pass
            sizes.append(inspector.memory())
        return sizes


class Inspector:
    """The program in a terminal of its own."""

    def __init__(self, world):
        self.world, self.socket = world, f"cachescope-soak-{os.getpid()}"
        command = [str(world.tools.binary), "--cache", str(world.cache)]
        subprocess.run(
            ["tmux", "-L", self.socket, "-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", *command],
            check=True, env={**world.environment, "TERM": "xterm-256color"}, cwd=world.base)
        time.sleep(1)
        self.pid = int(self.tmux("display-message", "-p", "#{pane_pid}"))

    def tmux(self, *words):
        return subprocess.run(
            ["tmux", "-L", self.socket, *words], capture_output=True, text=True, check=True).stdout

    def memory(self):
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def look_around(self, soak):
        keys = ["1", "2", "j", "G", "3", "i", "5", "6", "7", "r", "2", "g"]
        turn = 0
        while soak.is_on():
            self.tmux("send-keys", keys[turn % len(keys)])
            turn += 1
            time.sleep(0.25)

    def close(self):
        subprocess.run(["tmux", "-L", self.socket, "kill-server"], capture_output=True)


def count_up(index, entry, end, result):
    """A program of somebody else: adds one in each transaction, and tells how often."""
    connection = sqlite3.connect(index, timeout=20, isolation_level=None)
    connection.execute("PRAGMA synchronous = NORMAL")
    done = 0
    while time.monotonic() < end:
        connection.execute("UPDATE entries SET use_count = use_count + 1 WHERE id = ?", (entry,))
        done += 1
        time.sleep(0.002)
    connection.close()
    result.put((entry, done))


def final_faults(soak, written, sizes):
    world, faults = soak.world, list(soak.faults)
    for entry, done in written.items():
        found = world.query("SELECT use_count FROM entries WHERE id = ?", entry)
        if found != [(done,)]:
            faults.append(f"entry {entry}: {found} of {done} updates are there")
    for number in range(WRITERS):
        rows = world.query(
            "SELECT count(*) FROM leases WHERE entry_id = ? AND holder_pid IN (0, 1)", 100 + number)
        if rows != [(2,)]:
            faults.append(f"entry {100 + number}: its pin is lost: {rows}")
    own = world.query("SELECT count(*) FROM leases WHERE holder_pid = ?", os.getpid())
    if own != [(2 * WRITERS,)]:
        faults.append(f"leases of a living process are lost: {own}")
    if world.query("PRAGMA integrity_check") != [("ok",)]:
        faults.append("the index is damaged")
    # fbuild's own downloads in staging belong to fbuild; ours are gone after one more pull.
    world.cachescope("lnk", "pull")
    staging = world.cache / "staging"
    left = [str(path) for path in staging.rglob("*") if path.is_file()] if staging.exists() else []
    if left:
        faults.append(f"left in staging: {left[:5]}")
    if soak.log_most > LOG_LIMIT:
        faults.append(f"the log of the index had {soak.log_most} bytes")
    quarter = max(1, len(sizes) // 4)
    early, late = max(sizes[:quarter]), max(sizes[-quarter:])
    if late > early + GROWTH:
        faults.append(f"the inspector grew from {early} to {late} bytes")
    print(f"log at most {soak.log_most >> 10} KiB, inspector {early >> 10} KiB, later {late >> 10} KiB")
    return faults


def main(binary, venvs, seconds):
    with Blobs(5, 300_000) as blobs, World(Tools(binary, venvs), VERSION, blobs) as world:
        soak = Soak(world, blobs, seconds)
        soak.prepare()
        inspector = Inspector(world)
        soak.end = time.monotonic() + seconds
        results = multiprocessing.Queue()
        writers = [
            multiprocessing.Process(
                target=count_up, args=(str(world.cache / "index.sqlite"), 100 + WRITERS + n, soak.end, results))
            for n in range(WRITERS)]
        work = [(soak.pin_and_unpin, n) for n in range(WRITERS)] + [(soak.pull, n) for n in range(2)]
        work += [
            (soak.repeat, "verify", (0, 1), "verify"), (soak.repeat, "doctor", (0, 1), "doctor"),
            (soak.repeat, "check", (0, 1), "lnk", "check", "--deep"),
            (soak.fbuild, "fbuild pull", "lnk", "pull"), (inspector.look_around, soak)]
        threads = [threading.Thread(target=item[0], args=item[1:]) for item in work]
        threads.append(threading.Thread(
            target=soak.repeat, args=("gc", (0, 1, 7), "gc", "--apply", "--yes"), kwargs=SMALL))
        threads.append(threading.Thread(
            target=soak.fbuild, args=("fbuild gc", "purge", "--gc"), kwargs=SMALL))
        try:
            for part in writers + threads:
                part.start()
            sizes = soak.measure(inspector)
            for thread in threads:
                thread.join()
            written = dict(results.get(timeout=60) for _ in writers)
            for writer in writers:
                writer.join()
            if "cachescope" not in inspector.screen():
                soak.faults.append(f"the inspector shows: {inspector.screen()[:300]}")
        finally:
            inspector.close()
        faults = final_faults(soak, written, sizes)
        counts = ", ".join(f"{count} {name}" for name, count in sorted(soak.counts.items()))
        print(f"{sum(written.values())} updates by SQLite, {counts}")
    for fault in faults[:30]:
        print(fault)
    print(f"{seconds} s, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
