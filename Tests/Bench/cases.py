"""The measures of the command line and the inspector, each with its peer and its requirement."""

import os
import time

import data
from measure import Report, Sample, peak, race, spawn
from terminal import Terminal

# A name may be cut in its middle.
ROW = rb"bench-\d{4}[^ \x1b]+"
# What a terminal sends once a program has asked for the application keys, as ncurses does.
DOWN, UP, PAGE_DOWN = b"\x1bOB", b"\x1bOA", b"\x1b[6~"
# What the first complete screen of each peer shows.
NCDU, HTOP = (rb"Total disk usage", 1), (rb"F10|Load average", 1)
PAGE = ("SELECT id, kind, stem, version, installed_bytes, archive_bytes, last_used_at, use_count,"
        " pinned FROM entries ORDER BY {} LIMIT 50")


class Bench:
    def __init__(self, binary, fbuild, folder):
        self.binary, self.fbuild, self.folder = binary, fbuild, folder
        self.report = Report()
        home = os.path.join(os.path.abspath(folder), "home")
        os.makedirs(home, exist_ok=True)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": home, "TERM": "xterm-256color", "LANG": "C.UTF-8",
            "XDG_STATE_HOME": home}

    def ours(self, count, *arguments):
        # A sort order that an earlier measure chose would be kept for this one.
        state = os.path.join(self.environment["XDG_STATE_HOME"], "cachescope/inspector.state")
        if os.path.exists(state):
            os.unlink(state)
        return [self.binary, *arguments, "--cache", str(data.cache(self.folder, count))]

    def sqlite(self, count, sql):
        return ["sqlite3", str(data.cache(self.folder, count) / "index.sqlite"), sql]

    def run(self, command, **variables):
        return lambda: spawn(command, {**self.environment, **variables})

    def open(self, command, typed=b"", rows=None):
        """The seconds from start to a complete screen."""
        terminal = Terminal(command, self.environment, typed=typed)
        try:
            return terminal.settle(rows=rows)
        finally:
            terminal.close(b"qqQ")

    # Commands

    def pf11(self):
        self.report.head("PF11", "start to first output: `status` on 100 entries")
        contestants = {"cachescope status": self.run(self.ours(100, "status"))}
        if self.fbuild:
            root = str(data.cache(self.folder, 100))
            contestants["fbuild daemon cache-stats"] = self.run(
                [self.fbuild, "daemon", "cache-stats"], FBUILD_CACHE_DIR=root)
        contestants["sqlite3 sum()"] = self.run(
            self.sqlite(100, "SELECT count(*), sum(installed_bytes) FROM entries"))
        samples = race(contestants, 21)
        self.show(samples, "ms")
        if self.fbuild:
            self.judge_ratio(samples, "fbuild daemon cache-stats", 1.1)
        else:
            self.report.skip("fbuild cannot be installed here")

    def pf7(self):
        self.report.head("PF7", "load 100,000 entries")
        samples = race({
            "cachescope entries --json": self.run(self.ours(100_000, "entries", "--json")),
            "sqlite3 select *": self.run(self.sqlite(100_000, "SELECT * FROM entries")),
            "sqlite3 -json select *": self.run(
                self.sqlite(100_000, "SELECT * FROM entries") + ["-json"]),
        })
        self.show(samples, "ms")
        self.judge_ratio(samples, "sqlite3 select *", 1.3)
        memory = peak(self.ours(100_000, "entries", "--json"), self.environment)
        self.report.judge("peak memory in MB", memory / 1024, 120, "{:.1f}")

    def pt6(self):
        columns = {
            "last_used_at": "last-used", "installed_bytes": "installed", "stem": "name",
            "use_count": "uses"}
        for column, name in columns.items():
            self.report.head("PT6", f"first page of 1,000,000 entries sorted by {column}")
            samples = race({
                "cachescope entries --sort": self.run(self.ours(
                    1_000_000, "entries", "--sort", name, "--limit", "50", "--json")),
                "sqlite3 ORDER BY": self.run(self.sqlite(1_000_000, PAGE.format(column))),
            }, 7)
            self.show(samples, "ms")
            self.judge_ratio(samples, "sqlite3 ORDER BY", 1.5)
        self.report.head("PT6", "the entries of 1,000,000 that contain 4242")
        like = PAGE.format("last_used_at").replace(
            "ORDER", "WHERE stem LIKE '%4242%' OR kind LIKE '%4242%' OR version LIKE '%4242%'"
            " OR url LIKE '%4242%' ORDER")
        samples = race({
            "cachescope entries --filter": self.run(self.ours(
                1_000_000, "entries", "--filter", "4242", "--sort", "last-used", "--limit", "50",
                "--json")),
            "sqlite3 LIKE": self.run(self.sqlite(1_000_000, like)),
        }, 7)
        self.show(samples, "ms")
        self.judge_ratio(samples, "sqlite3 LIKE", 1.5)

    # The inspector

    def pt1(self):
        self.report.head("PT1", "start to first complete screen, 1,000 entries, 80x24")
        ncdu = ["ncdu", str(data.files(self.folder, 1000))]
        samples = race({
            "cachescope": lambda: self.open(self.ours(1000), rows=(rb"Overview", 1)),
            "ncdu": lambda: self.open(ncdu, rows=NCDU),
            "htop": lambda: self.open(["htop"], rows=HTOP),
        })
        self.show(samples, "ms")
        self.report.judge("milliseconds", samples["cachescope"].median * 1000, 30)
        self.judge_ratio(samples, "ncdu", 2)

    def pt2(self):
        # T-B16 is the larger one.
        for count in (100_000, 1_000_000):
            self.report.head("PT2", f"start to the first page of {count:,} entries")
            # The tab's key is typed ahead: the landing screen shows no list.
            samples = race({
                "cachescope, Entries": lambda: self.open(self.ours(count), b"2", (ROW, 8)),
                "sqlite3, same page": self.run(self.sqlite(count, PAGE.format("last_used_at"))),
            }, 7)
            self.show(samples, "ms")
            limit = 1.3 * samples["sqlite3, same page"].median + 0.030
            self.report.judge(
                "milliseconds", samples["cachescope, Entries"].median * 1000, limit * 1000)

    def pt3_to_pt5(self):
        for count, memory_limit in ((1000, 14), (1_000_000, 32)):
            self.report.head("PT3 PT4 PT5", f"a cursor key, and memory, with {count:,} entries")
            terminals = {
                "cachescope": Terminal(self.ours(count), self.environment, typed=b"2"),
                "ncdu": Terminal(
                    ["ncdu", str(data.files(self.folder, 1000))], self.environment),
                "htop": Terminal(["htop"], self.environment),
            }
            try:
                terminals["cachescope"].settle(quiet=1.5, rows=(ROW, 8))
                terminals["ncdu"].settle(rows=NCDU)
                terminals["htop"].settle(rows=HTOP)
                latency, size = self.press(terminals)
                self.show(latency, "ms", "key to first byte, ")
                self.show(size, "", "bytes per key, ")
                self.report.judge("PT3 milliseconds", latency["cachescope"].median * 1000, 2)
                self.report.judge("PT4 bytes", size["cachescope"].median, 400, "{:.0f}")
                self.scroll(terminals["cachescope"])
                memory = terminals["cachescope"].peak_memory() / 1024
                self.report.judge("PT5 peak memory in MB", memory, memory_limit, "{:.1f}")
            finally:
                for terminal in terminals.values():
                    terminal.close(b"qqQ")

    def press(self, terminals, keys=60):
        latency = {name: Sample() for name in terminals}
        size = {name: Sample() for name in terminals}
        for number in range(keys):
            key = DOWN if number % 12 < 6 else UP
            for name, terminal in terminals.items():
                seconds, count = terminal.key(key)
                # At the end of a list a key may change nothing; a late answer counts as it is.
                latency[name].add(seconds if seconds is not None else 1)
                size[name].add(count)
        return latency, size

    def scroll(self, terminal):
        """Everything that could make a list keep more than it shows."""
        for key in [b"G", b"g", b"S"] + [PAGE_DOWN] * 30 + [b"G", b"S", b"g"]:
            terminal.key(key)
        terminal.settle(quiet=1)

    def sorting_blocks_no_key(self):
        self.report.head("PT6", "cursor keys while 1,000,000 entries are sorted anew")
        terminal = Terminal(self.ours(1_000_000), self.environment, typed=b"2")
        latency = Sample()
        try:
            terminal.settle(quiet=1.5, rows=(ROW, 8))
            for _ in range(4):
                os.write(terminal.fd, b">")
                for number in range(10):
                    seconds, _ = terminal.key(UP if number % 2 else DOWN, quiet=0.005)
                    latency.add(seconds if seconds is not None else 5)
                terminal.settle(quiet=1)
        finally:
            terminal.close(b"qqQ")
        self.report.line("cachescope, key to first byte", latency, "ms")
        self.report.judge("slowest key in milliseconds", max(latency.values) * 1000, 100)

    def pt7(self):
        self.report.head("PT7", "ten idle seconds on the Entries of 100,000")
        terminal = Terminal(self.ours(100_000), self.environment, typed=b"2")
        try:
            terminal.settle(quiet=2, rows=(ROW, 8))
            before, used = len(terminal.text()), terminal.processor_seconds()
            deadline = time.perf_counter() + 10
            while time.perf_counter() < deadline:
                terminal.read(deadline - time.perf_counter())
            written = len(terminal.text()) - before
            share = (terminal.processor_seconds() - used) / 10 * 100
        finally:
            terminal.close(b"qqQ")
        self.report.judge("bytes written", written, 0, "{:.0f}")
        self.report.judge("per cent of one core", share, 0.3)

    def show(self, samples, unit, prefix=""):
        for name, sample in samples.items():
            self.report.line(prefix + name, sample, unit)

    def judge_ratio(self, samples, peer, limit):
        ours = next(iter(samples.values()))
        self.report.judge(f"ratio to {peer}, medians", ours.median / samples[peer].median, limit)
        print(f"          ratio of the minima: {ours.least / samples[peer].least:.2f}", flush=True)
