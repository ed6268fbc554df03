"""The plan of `cachescope gc` against what real fbuild then does, on random caches.

Alone: python3 Tests/Peer/gcplans.py BINARY VENVS [COUNT [SEED]] — every cache that differs is kept.
"""

import json
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from gccaches import PHASES, Maker, clear_flags

VERSION = "2.5.47"
FIXTURES = pathlib.Path(__file__).parent.parent / "CacheKitTests" / "Fixtures"
LIMITS = ("ARCHIVE_BUDGET", "INSTALLED_BUDGET", "HIGH_WATERMARK")
NAMES = tuple(f"FBUILD_CACHE_{limit}" for limit in LIMITS)
SPELLINGS = (
    "", "0", "0", "0", "100", "1K", "1k", "2 KiB", " 5K ", "10KB", ".5K", "1.5K", "1.", "07", "0B", "0.3K", "4.35K",
    "1M", "1M\n", "\u00a010K\u00a0", "1Ki", "5P", "16E", "G", ".", "+5", "-1", "0x10", "1_000", "1,5G",
    "1..2", "1 0", "1e9", "50%", "NaN", "inf", "9007199254740993", "99999999999999999999999", "9" * 400,
    "20K", "50K", "100K", "300K", "3M", "0.1", "1T", "1TB", "8tib", "1\u0661", "1\u0301K", "1\u0131")
TRIGGERS = """
    CREATE TABLE peer_log (number INTEGER PRIMARY KEY, phase TEXT, entry INTEGER);
    CREATE TRIGGER peer_{0} AFTER UPDATE OF {0}_path ON entries
      WHEN old.{0}_path IS NOT NULL AND new.{0}_path IS NULL
      BEGIN INSERT INTO peer_log (phase, entry) VALUES ('{0}', old.id); END;
    CREATE TRIGGER peer_{1} AFTER UPDATE OF {1}_path ON entries
      WHEN old.{1}_path IS NOT NULL AND new.{1}_path IS NULL
      BEGIN INSERT INTO peer_log (phase, entry) VALUES ('{1}', old.id); END;
    CREATE TRIGGER peer_gone AFTER DELETE ON entries
      WHEN old.installed_path IS NOT NULL OR old.archive_path IS NOT NULL
      BEGIN INSERT INTO peer_log (phase, entry)
        VALUES (CASE WHEN old.installed_path IS NOT NULL THEN 'installed' ELSE 'archive' END, old.id); END;
"""


class Differs(Exception):
    pass


class Trial:
    """One cache, planned by ours, then collected by real fbuild."""

    def __init__(self, binary, venvs, seed):
        self.binary, self.fbuild = str(binary), str(pathlib.Path(venvs) / VERSION / "bin/fbuild")
        self.seed = seed
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="cachescope-gc-"))
        self.maker = Maker(self.base / "cache", FIXTURES, seed)
        self.random = random.Random(seed + 1)

    def run(self):
        self.maker.make()
        (self.base / "home").mkdir()
        self.index = self.maker.root / "index.sqlite"
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.base / "home"), "LANG": "C.UTF-8",
            "FBUILD_CACHE_DIR": str(self.maker.root), **self.limits()}
        before = self.state()
        plan = self.plan()
        self.watch()
        real = self.start(self.fbuild, "purge", "--gc")
        if self.index.exists():
            self.compare(plan, real, before, self.state())
        else:
            # A row named the root: the index went with it, and only the words are left.
            self.compare_text(plan, [one for one in plan["steps"] if not one["ours_alone"]], real)
        return plan

    def limits(self):
        chosen = {}
        total = self.total()
        for name in NAMES:
            kind = self.random.random()
            if kind < 0.35:
                chosen[name] = self.random.choice(SPELLINGS)
            elif kind < 0.9:
                chosen[name] = str(int(total * self.random.choice((0, 0.1, 0.3, 0.5, 0.8, 1, 1.2))))
        return chosen

    def total(self):
        with sqlite3.connect(self.index) as database:
            sizes = "CASE typeof({0}_bytes) WHEN 'integer' THEN max(0, min({0}_bytes, 1 << 40)) ELSE 0 END"
            terms = " + ".join(sizes.format(phase) for phase in PHASES)
            found, = database.execute(f"SELECT total({terms}) FROM entries").fetchone()
        database.close()
        return found

    def start(self, *command):
        return subprocess.run(
            command, env=self.environment, cwd=self.base, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=120)

    def plan(self):
        result = self.start(self.binary, "gc", "--json")
        if result.returncode != 0:
            raise Differs(f"gc ends with {result.returncode}: {result.stdout[-400:]} {result.stderr[-400:]}")
        return json.loads(result.stdout)["plan"]

    def state(self):
        """Rows by id, and leases by their row, each cell with its class."""
        database = sqlite3.connect(self.index)
        database.text_factory = bytes
        cells = "installed_path IS NOT NULL, archive_path IS NOT NULL, pinned, typeof(pinned)"
        entries = {row[0]: row[1:] for row in database.execute(f"SELECT id, {cells} FROM entries")}
        columns = [name.decode() for _, name, *_ in database.execute("PRAGMA table_info(leases)")]
        wanted = [name if name in columns else "NULL" for name in
                  ("entry_id", "holder_pid", "holder_nonce", "refcount")]
        leases = database.execute(f"SELECT rowid, {', '.join(wanted)} FROM leases").fetchall()
        database.close()
        return entries, {row[0]: row[1:] for row in leases}

    def watch(self):
        database = sqlite3.connect(self.index)
        database.executescript(TRIGGERS.format(*PHASES))
        database.close()

    def taken(self):
        database = sqlite3.connect(self.index)
        rows = database.execute("SELECT entry, phase FROM peer_log ORDER BY number").fetchall()
        database.close()
        return rows

    # Comparing

    def compare(self, plan, real, before, after):
        steps = [step for step in plan["steps"] if not step["ours_alone"]]
        equal("order", [(step["entry_id"], step["phase"]) for step in steps], self.taken())
        self.compare_text(plan, steps, real)
        self.compare_rows(plan, steps, before, after)
        self.compare_kept(plan, before)

    def compare_text(self, plan, steps, real):
        text = re.sub(r"\x1b\[[0-9;]*m", "", real.stdout.decode("utf-8", "replace"))
        if plan["real_error"] is not None:
            found = re.sub(r"(?s).*?ERROR fbuild::output: (.*)\n$", r"\1", text)
            equal("error", plan["real_error"], found)
            return equal("exit", 1, real.returncode)
        equal("text", block(steps), text)
        equal("exit", 0, real.returncode)
        equal("frees", sum(step["bytes"] or 0 for step in steps) % 2**64, plan["frees"])

    def compare_rows(self, plan, steps, before, after):
        entries, leases = before
        rows = {entry: list(row[:2]) for entry, row in entries.items()}
        for step in steps:
            row = rows[step["entry_id"]]
            row[0 if step["phase"] == "installed" else 1] = 0
            if row == [0, 0]:
                del rows[step["entry_id"]]
        equal("rows", rows, {entry: list(row[:2]) for entry, row in after[0].items()})
        reaped = set(plan["reaps"])
        gone = set(entries) - set(rows)
        left = {key for key, lease in leases.items() if name(lease) not in reaped and lease[0] not in gone}
        equal("leases", left, set(after[1]))
        if reaped and (plan["real_error"] or "") != "GC failed: integer overflow":
            self.compare_pins(after)

    def compare_pins(self, after):
        sums = {}
        for entry, _, _, refcount in after[1].values():
            sums.setdefault(entry, []).append(1 if refcount is None else refcount)
        for entry, row in after[0].items():
            held = sums.get(entry, [])
            if all(isinstance(count, int) for count in held):
                equal(f"pin of {entry}", sum(held), row[2])

    def compare_kept(self, plan, before):
        """Every phase that is there is either a step or kept, once."""
        phases = [(entry, phase) for entry, row in before[0].items()
                  for place, phase in enumerate(PHASES) if row[place]]
        phases += [(entry, None) for entry, row in before[0].items() if not row[0] and not row[1]]
        told = [(one["entry_id"], one["phase"]) for one in plan["steps"] + plan["kept"]]
        key = lambda pair: (pair[0], pair[1] or "")
        equal("all phases", sorted(phases, key=key), sorted(told, key=key))


def name(lease):
    holder = lease[1] if isinstance(lease[1], int) else "-"
    nonce = "-" if lease[2] is None else lease[2] % 2**64
    return f"{lease[0]}:{holder}:{nonce}"


def equal(what, ours, real):
    if ours != real:
        raise Differs(f"{what}\n  ours {cut(ours)}\n  real {cut(real)}")


def cut(value):
    text = repr(value)
    return text if len(text) < 1500 else text[:1500] + "…"


def size(count):
    for unit, digits, limit in ((1024**3, 2, "GB"), (1024**2, 1, "MB"), (1024, 1, "KB")):
        if count >= unit:
            return f"{count / unit:.{digits}f} {limit}"
    return f"{count} B"


def block(steps):
    """What real fbuild prints."""
    sums = {phase: [0, 0] for phase in PHASES}
    for step in steps:
        sums[step["phase"]][0] += 1
        sums[step["phase"]][1] += step["bytes"] or 0
    installed, archive = (sums[phase] for phase in PHASES)
    total = (installed[1] + archive[1]) % 2**64
    if total == 0:
        return "GC: nothing to clean up\n"
    return (
        f"GC complete:\n  Installed evicted: {installed[0]} ({size(installed[1] % 2**64)})\n"
        f"  Archives evicted:  {archive[0]} ({size(archive[1] % 2**64)})\n"
        f"  Total freed:       {size(total)}\n")


def compare_many(binary, venvs, count, seed, keep=None):
    """The seeds of the caches that differ, with how, and what was met."""
    failures, met = [], {"steps": 0, "errors": 0, "reaps": 0, "stuck": 0, "refused": 0}
    for number in range(seed, seed + count):
        trial = Trial(binary, venvs, number)
        try:
            plan = trial.run()
            met["steps"] += len(plan["steps"])
            met["errors"] += plan["real_error"] is not None
            met["reaps"] += bool(plan["reaps"])
            met["stuck"] += sum(one["reason"].startswith("cannot be removed") for one in plan["kept"])
            met["refused"] += sum(step["refused"] is not None for step in plan["steps"])
        except (Differs, subprocess.TimeoutExpired) as difference:
            failures.append((number, str(difference)))
            if keep:
                print(f"seed {number}: {difference}", flush=True)
                if len(failures) <= keep:
                    clear_flags(trial.base)
                    print(f"  {trial.base} {trial.limits()}", flush=True)
                    continue
        trial.maker.remove()
        shutil.rmtree(trial.base, ignore_errors=True)
    return failures, met


if __name__ == "__main__":
    wanted, first = ([int(word) for word in sys.argv[3:]] + [300, 1])[:2] if len(sys.argv) > 3 else (300, 1)
    if len(sys.argv) == 4:
        first = 1
    differing, counts = compare_many(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve(),
                                     wanted, first, keep=3)
    print(f"{wanted - len(differing)} of {wanted} equal; met {counts}")
    sys.exit(1 if differing else 0)
