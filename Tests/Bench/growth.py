"""What grows with the cache: leases, pointers, snapshots, the journal; each with its bound."""

import contextlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import threading
import time

import data
from measure import Sample, peak, race
from terminal import Terminal

DOWN, UP = b"\x1bOB", b"\x1bOA"
LEASES, PIDS = 100_000, 20_000
# What stands in a row of each list, and how many of them tell that it is there.
LEASE_ROW, LINK_ROW, ENTRY_ROW = (rb"40\d{5}", 1), (rb"\d\d\.bin\.lnk", 8), (rb"bench-\d{4}", 8)


class Growth:
    def __init__(self, bench):
        self.bench, self.report = bench, bench.report
        self.folder = pathlib.Path(bench.folder).resolve()
        self.state = pathlib.Path(bench.environment["XDG_STATE_HOME"]) / "cachescope"

    # Inputs

    def leased(self):
        """A cache of as many leases, nearly all of them of processes that are gone."""
        root = self.folder / "cache-leased"
        if (root / "complete").exists():
            return root
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(data.cache(self.folder, PIDS), root)
        connection = sqlite3.connect(root / "index.sqlite")
        with connection:
            connection.execute("DELETE FROM leases")
            connection.executemany(
                "INSERT INTO leases VALUES (?, ?, ?, 1, 1790000000)",
                ((number % PIDS + 1, 4_000_000 + number * 7 % PIDS,
                  1790000000_000000000 + number) for number in range(LEASES)))
            connection.execute(
                "UPDATE entries SET pinned = (SELECT count(*) FROM leases WHERE entry_id = id)")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        (root / "complete").touch()
        return root

    def project(self, pointers=20_000, files=200_000):
        """A project of so many files, some of which are pointers."""
        root = self.folder / "project-many"
        if (root / "complete").exists():
            return root
        shutil.rmtree(root, ignore_errors=True)
        for number in range(files):
            folder = root / f"{number // 1000:03d}"
            if number % 1000 == 0:
                folder.mkdir(parents=True)
            if number * pointers // files != (number + 1) * pointers // files:
                text = {
                    "v": 1, "url": f"https://example.com/{number}/blob.bin",
                    "sha256": f"{number:064x}", "size": number}
                (folder / f"blob-{number:06d}.bin.lnk").write_text(json.dumps(text))
            else:
                (folder / f"file-{number}").touch()
        (root / "complete").touch()
        return root

    def snapshot(self):
        """One object of some 550 MB."""
        path = self.folder / "snapshot-1000000.json"
        if not path.exists():
            part = path.with_suffix(".part")
            command = [self.bench.binary, "snapshot", "--cache",
                       str(data.cache(self.folder, 1_000_000))]
            with open(part, "wb") as output:
                subprocess.run(command, env=self.bench.environment, stdout=output, check=True)
            part.rename(path)
        return path

    @contextlib.contextmanager
    def full_journal(self, root):
        """Both files of the journal with as much as they take."""
        self.state.mkdir(parents=True, exist_ok=True)
        names = [self.state / "journal.jsonl.1", self.state / "journal.jsonl"]
        for number, name in enumerate(names):
            with open(name, "w") as output:
                while output.tell() < (4 << 20) - 2000:
                    output.write(json.dumps(journal_line(root, number, output.tell())) + "\n")
        try:
            yield
        finally:
            for name in names:
                name.unlink(missing_ok=True)

    @contextlib.contextmanager
    def changes(self, root, each_second=50):
        """Somebody who touches an entry so many times a second."""
        stop = threading.Event()

        def write():
            connection = sqlite3.connect(root / "index.sqlite", timeout=10)
            number = 0
            while not stop.wait(1 / each_second):
                number += 1
                with connection:
                    connection.execute(
                        "UPDATE entries SET use_count = use_count + 1 WHERE id = ?",
                        (number % 100 + 1,))
            connection.close()

        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    # Measures

    def w4(self):
        root = self.leased()
        for changing in (False, True):
            words = ", 50 changes a second" if changing else ""
            self.report.head(
                "W4", f"Leases, {LEASES:,} leases over {PIDS:,} pids{words}")
            with self.changes(root) if changing else contextlib.nullcontext():
                self.screen(root, b"3", LEASE_ROW, memory=64, idle=1)

    def w5(self):
        root = data.cache(self.folder, 1000)
        project = self.project()
        self.report.head("W5", "Links, 20,000 pointers among 200,000 files")
        self.screen(root, b"5", LINK_ROW, memory=48, idle=None, cwd=project)
        self.report.head("W5", "`lnk list` of the same project")
        samples = race({
            "cachescope lnk list": self.bench.run(
                [self.bench.binary, "lnk", "list", str(project), "--cache", str(root)]),
            "find -name": self.bench.run(
                ["find", str(project), "-name", "*.lnk", "-o", "-name", "*.fetch"]),
        }, 7)
        self.bench.show(samples, "ms")
        self.bench.judge_ratio(samples, "find -name", 3)

    def screen(self, root, tab, row, memory, idle, cwd=None):
        """The key, the rest and the peak of one list."""
        command = [self.bench.binary, "--cache", str(root)]
        if cwd:
            command = ["env", "-C", str(cwd), *command]
        terminal = Terminal(command, self.bench.environment, typed=tab)
        try:
            terminal.wait_for(*row, limit=60)
            latency = Sample()
            for number in range(60):
                seconds, _ = terminal.key(DOWN if number % 12 < 6 else UP, quiet=0.02)
                latency.add(seconds if seconds is not None else 1)
            self.report.line("cachescope, key to first byte", latency, "ms")
            self.report.judge("milliseconds, median", latency.median * 1000, 2)
            if idle is not None:
                share = self.rest(terminal, 20)
                self.report.judge("per cent of one core at rest", share, idle)
            self.report.judge("peak memory in MB", terminal.peak_memory() / 1024, memory, "{:.1f}")
        finally:
            terminal.close(b"qqQ")

    def rest(self, terminal, seconds):
        used, deadline = terminal.processor_seconds(), time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            terminal.read(deadline - time.perf_counter())
        return (terminal.processor_seconds() - used) / seconds * 100

    def w6(self):
        # T-L3: what was written as one stream is read as one.
        self.report.head("W6", "`status --from` a snapshot of 1,000,000 entries")
        path = self.snapshot()
        print(f"    {path.stat().st_size / 1e6:.0f} MB", flush=True)
        command = [self.bench.binary, "status", "--from", str(path)]
        samples = race({
            "cachescope status --from": self.bench.run(command),
            "python3 json.load": self.bench.run(
                ["python3", "-c", f"import json; json.load(open({str(path)!r}))"]),
        }, 3)
        self.bench.show(samples, "ms")
        self.bench.judge_ratio(samples, "python3 json.load", 1)
        memory = peak(command, self.bench.environment)
        self.report.judge("peak memory in MB", memory / 1024, 48, "{:.1f}")

    def w7(self):
        self.report.head("W7", "an index that changes 50 times a second, with a full journal")
        root = data.cache(self.folder, 1000)
        with self.full_journal(root), self.changes(root):
            terminal = Terminal(
                [self.bench.binary, "--cache", str(root)], self.bench.environment, typed=b"2")
            try:
                terminal.wait_for(*ENTRY_ROW)
                self.report.judge("per cent of one core", self.rest(terminal, 20), 10)
            finally:
                terminal.close(b"qqQ")

    def w8(self):
        self.report.head("W8", f"`doctor --fix` over {LEASES:,} leases")
        copy = self.folder / "cache-fixed"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.leased(), copy)
        memory = peak(
            [self.bench.binary, "doctor", "--fix", "--cache", str(copy)], self.bench.environment)
        self.report.judge("peak memory in MB", memory / 1024, 64, "{:.1f}")
        left = sqlite3.connect(copy / "index.sqlite").execute(
            "SELECT count(*) FROM leases").fetchone()[0]
        print(f"    {left:,} leases left", flush=True)
        shutil.rmtree(copy, ignore_errors=True)
        self.report.head("W8", "`verify` over 1,000,000 rows")
        memory = peak(
            [self.bench.binary, "verify", "--cache", str(data.cache(self.folder, 1_000_000))],
            self.bench.environment)
        self.report.judge("peak memory in MB", memory / 1024, 64, "{:.1f}")

    def entries(self):
        self.report.head("PF7", "`entries --json` of 1,000,000")
        samples = race({
            "cachescope entries --json": self.bench.run(
                self.bench.ours(1_000_000, "entries", "--json")),
            "sqlite3 -json select *": self.bench.run(
                self.bench.sqlite(1_000_000, "SELECT * FROM entries") + ["-json"]),
        }, 3)
        self.bench.show(samples, "ms")
        self.bench.judge_ratio(samples, "sqlite3 -json select *", 1)


def journal_line(root, part, number):
    """A change as the journal keeps it, with rows as a release has them."""
    entry = {
        "table": "entries", "id": number % 1000 + 1, "kind": "packages", "hash": "0" * 16,
        "version": "1", "pinned": 1}
    lease = {
        "table": "leases", "entry_id": number % 1000 + 1, "holder_pid": 4_000_000 + number,
        "holder_nonce": "1790000000000000000", "refcount": 1, "acquired_at": 1790000000}
    return {
        "id": f"{part}{number:012d}-1", "time": 1790000000 + number, "user": "bench",
        "cache": str(root), "action": "release", "command": ["release", "--stuck"],
        "before": [entry, lease], "after": [{**entry, "pinned": 0}]}
