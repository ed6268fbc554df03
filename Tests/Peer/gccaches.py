"""Random caches with everything that a GC can meet: rows of every class, leases of every kind, odd files."""

import ctypes
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess

HUGE = 2**63 - 1
PHASES = ("installed", "archive")
KINDS = ("packages", "toolchains", "platforms", "libraries", "frameworks", "lnk-blobs")
OLD = {
    "VA": "legacy-VA-bc8ba93b", "VAm": "legacy-VA-migrated-by-2.5.47", "VB": "legacy-VB-de9a2cec",
    "VC": "legacy-VC-issue124"}
IMMUTABLE, APPEND = 0x10, 0x20


class Raw:
    """SQL that stands for a value which no driver binds."""

    def __init__(self, sql):
        self.sql = sql


class Maker:
    """One cache below a folder of its own; everything follows from the seed."""

    def __init__(self, folder, fixtures, seed):
        self.random = random.Random(seed)
        self.folder, self.root = pathlib.Path(folder), pathlib.Path(folder) / "cache"
        self.fixtures = pathlib.Path(fixtures)
        self.immutable, self.modes = [], []
        self.placed = []
        self.mounts = is_private()
        self.oddity = self.random.choice((0.0, 0.02, 0.1, 0.4))

    def odd(self, share=1.0):
        return self.random.random() < self.oddity * share

    def pick(self, *choices):
        return self.random.choice(choices)

    def make(self):
        self.root.mkdir(parents=True)
        (self.folder / "outside").mkdir()
        old = self.pick(*OLD) if self.random.random() < 0.12 else None
        name = OLD[old] if old else "2.5.47"
        for path in (self.fixtures / name).iterdir():
            if path.name.startswith("index.sqlite"):
                shutil.copy(path, self.root / path.name)
        self.database = sqlite3.connect(self.root / "index.sqlite", isolation_level=None)
        self.database.execute("PRAGMA foreign_keys = OFF")
        self.database.execute("DELETE FROM leases")
        self.database.execute("DELETE FROM entries")
        if self.random.random() < 0.05:
            self.database.execute(f"DROP INDEX IF EXISTS idx_lru_{self.pick(*PHASES)}")
        if self.random.random() < 0.7:
            (self.root / "archives").mkdir(exist_ok=True)
            (self.root / "installed").mkdir(exist_ok=True)
        self.database.execute("BEGIN")
        count = self.pick(0, 1, 2, 5, 10, 20, 40)
        if self.random.random() < 0.02:
            count = self.random.randint(1001, 2600)
        self.isLarge = count > 1000
        # Rows with unmanageable sizes fail at once: most caches must get further.
        self.sizeOddity = self.pick(0, 0, 0, 0.3)
        self.rowOddity = self.pick(0, 0, 0.2, 1)
        for entry in range(1, count + 1):
            self.add_entry(entry)
        self.add_leases(count)
        self.database.execute("COMMIT")
        self.odd_files()
        self.database.close()
        if self.random.random() < 0.03 and not (self.root / "installed").exists():
            (self.root / "installed").write_text("a file")
        return self

    # Rows

    def insert(self, table, row):
        columns, marks, values = [], [], []
        for column, value in row.items():
            columns.append(column)
            marks.append(value.sql if isinstance(value, Raw) else "?")
            if not isinstance(value, Raw):
                values.append(value)
        self.database.execute(
            f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({', '.join(marks)})", values)

    def add_entry(self, entry):
        kind = self.pick(*KINDS)
        row = {
            "id": entry, "kind": kind, "url": f"http://h/{entry}", "stem": f"s{entry % 7}",
            "hash": f"{entry:016x}", "version": f"{entry}.0", "last_used_at": self.time(),
            "use_count": self.random.randint(0, 9), "pinned": 0}
        state = self.random.random()
        if state < 0.75:
            self.add_phase(row, entry, "installed", kind)
        if state > 0.45 or state < 0.05:
            self.add_phase(row, entry, "archive", kind)
        if self.random.random() < 0.08:
            row["pinned"] = self.pick(1, 2, 3, -1)
        if self.odd():
            row["pinned"] = self.pick(1.5, 0.0, "x", "0", "7", b"0", HUGE, -HUGE - 1, "0.0", b"")
        if self.odd(0.5 * self.rowOddity):
            self.spoil(row)
        self.insert("entries", row)

    def time(self):
        if self.odd(0.3 * self.rowOddity):
            return self.pick(-5, 0, HUGE, -HUGE - 1, 10**12, 1.5, 1e300, "soon", b"\x01", "17")
        return self.random.randint(1_700_000_000, 1_700_000_000 + self.pick(5, 100, 10**7))

    def add_phase(self, row, entry, phase, kind):
        path = self.path(entry, phase, kind)
        row[f"{phase}_path"] = path
        row[f"{phase}_bytes"] = self.size()
        row["installed_at" if phase == "installed" else "archived_at"] = 1_700_000_000
        if phase == "archive":
            row["archive_sha256"] = "a" * 64
        if self.odd(0.2):
            row[f"{phase}_path"] = None
        if self.odd(0.5 * self.rowOddity):
            row[f"{phase}_path"] = self.pick(b"blob", Raw("CAST(x'ff41' AS TEXT)"), 7, 1.5,
                                             Raw("CAST(x'41e282' AS TEXT)"), Raw("CAST(x'610062' AS TEXT)"))

    def size(self):
        if self.odd(self.sizeOddity):
            return self.pick(
                -5, -(2**40), HUGE, HUGE - 5, -HUGE - 1, 1.5, 1e300, float("inf"), float("-inf"), "lots",
                "12abc", "7", b"12", b"", "9" * 30, 2**53 + 1)
        if self.random.random() < 0.08:
            return self.pick(None, 0, 0, 1)
        return self.random.randint(1, self.pick(100, 10_000, 3 * 2**20))

    def spoil(self, row):
        column = self.pick(
            "kind", "url", "stem", "hash", "version", "archive_sha256", "installed_at", "archived_at",
            "use_count")
        row[column] = self.pick(
            "emulators", "Packages", "", b"\x00\xff", 1.5, 7, "many", Raw("CAST(x'ff' AS TEXT)"),
            Raw("CAST(x'c3a9e2' AS TEXT)"), Raw("CAST(x'61edA080' AS TEXT)"),
            Raw("CAST(x'f09f98' AS TEXT)"), Raw("CAST(x'e2282d' AS TEXT)"), "7", -1)

    # Leases

    def add_leases(self, count):
        if count == 0 or self.random.random() < 0.4:
            return
        for number in range(self.random.randint(1, max(1, min(count, 12)))):
            row = {
                "entry_id": self.random.randint(1, count + 1), "holder_pid": self.pid(),
                "holder_nonce": number + 1, "refcount": self.refcount(), "acquired_at": 1_700_000_000}
            columns = {name for _, name, *_ in self.database.execute("PRAGMA table_info(leases)")}
            self.insert("leases", {name: value for name, value in row.items() if name in columns})
            if self.random.random() < 0.6 and isinstance(row["refcount"], int):
                self.database.execute(
                    "UPDATE entries SET pinned = ? WHERE id = ?", (row["refcount"], row["entry_id"]))

    def pid(self):
        dead = 4_100_000 + self.random.randint(0, 5000)
        if self.odd(0.5):
            return self.pick("me", 1.5, b"\x01", "1", 1.0)
        return self.random.choices(
            (os.getpid(), 1, dead, 0, -1, 2**31, 2**32 + 1, 2**32, 2**31 - 1, -(2**63), HUGE),
            (4, 2, 6, 1, 1, 1, 1, 1, 1, 1, 1))[0]

    def refcount(self):
        if self.odd():
            return self.pick(0, -2, -1, 1.5, -1.5, "many", "3", b"5", HUGE, HUGE - 1, -HUGE - 1, 1e300)
        return self.random.randint(1, 3)

    # Files

    def path(self, entry, phase, kind):
        base = "installed" if phase == "installed" else "archives"
        relative = f"{base}/{kind}/s{entry % 7}/{entry:016x}/{entry}.0"
        if phase == "archive":
            relative += "/blob.bin"
        if self.odd(0.6) and not self.isLarge:
            return self.odd_path(relative, phase)
        if self.placed and self.odd(0.4):
            return self.near(self.pick(*self.placed))
        if self.random.random() < (0.1 if self.isLarge else 0.85):
            self.fill(relative, phase)
        return str(self.root / relative) if self.random.random() < 0.4 else relative

    def near(self, other):
        """The files of another row, what is in them, or what they are in."""
        return self.pick(
            other, other, str(self.root / other), other + "/", other + "/a", other + "/sub",
            other + "/sub/deep", os.path.dirname(other), other + "/.", other + "/sub/..",
            other.replace("/", "//", 1), other + "/" + "n" * 300, other + "/a/b")

    def fill(self, relative, phase):
        path = self.root / relative
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if phase == "archive" and self.random.random() < 0.9:
                path.write_bytes(b"x" * self.random.randint(0, 200))
            else:
                self.tree(path)
            self.placed.append(relative)
        except OSError:
            pass

    def tree(self, path):
        path.mkdir(exist_ok=True)
        (path / ".install_complete").touch()
        for name in ("a", "b", "c", "zz")[:self.random.randint(0, 4)]:
            (path / name).write_bytes(b"y" * self.random.randint(0, 300))
        if self.random.random() < 0.6:
            (path / "sub" / "deep").mkdir(parents=True, exist_ok=True)
            (path / "sub" / "deep" / "f").write_text("f")
        if self.random.random() < 0.2:
            os.link(path / ".install_complete", path / "hard")
        if self.random.random() < 0.2:
            (path / "link").symlink_to(self.pick("/etc", "a", "nowhere", str(self.folder / "outside")))

    def odd_path(self, relative, phase):
        full, outside = self.root / relative, self.folder / "outside"
        full.parent.mkdir(parents=True, exist_ok=True)
        choice = self.random.randint(0, 18)
        try:
            if choice == 0:
                full.write_text("file")
                return relative + self.pick("", "/", "/x", "/.", "/..")
            if choice == 1:
                self.tree(outside / "victim")
                return self.pick(str(outside / "victim"), f"../outside/victim", f"archives/../../outside/victim")
            if choice == 2:
                full.symlink_to(self.pick("/nonexistent", str(outside), ".", full.name, "../loop"))
                return relative + self.pick("", "", "/", "/.", "/x")
            if choice == 3:
                self.tree(outside / f"t{self.random.randint(0, 3)}")
                full.symlink_to(outside / f"t{self.random.randint(0, 3)}")
                return relative + self.pick("", "/", "/sub", "/a", "/.", "/sub/..")
            if choice == 4:
                return relative + "/" + "n" * self.pick(255, 256, 300)
            if choice == 5:
                return "x/" * self.pick(100, 2100) + "y"
            if choice == 6:
                return f"nowhere/{relative}"
            if choice == 7:
                self.tree(full)
                return relative + self.pick("/.", "/sub/..", "/./", "//", "/", "/sub/../", "/sub/.")
            if choice == 8:
                self.tree(full)
                self.immutable.append((full / self.pick(".install_complete", "."), IMMUTABLE))
                self.placed.append(relative)
                return relative
            if choice == 9:
                self.tree(full)
                (full / "sub" / "deep").mkdir(parents=True, exist_ok=True)
                (full / "sub" / "deep" / "kept").write_text("kept")
                self.immutable.append((full / self.pick("sub/deep/kept", "sub/deep", "sub"),
                                       self.pick(IMMUTABLE, APPEND)))
                self.placed.append(relative)
                return relative
            if choice == 10:
                if os.getuid() != 0:
                    self.tree(full)
                    (full / "sub").mkdir(exist_ok=True)
                    (full / "sub" / "kept").write_text("kept")
                    # An ordinary user is stopped by these.
                    self.modes.append((full / self.pick("sub", "sub", "."), self.pick(0, 0o555, 0o444, 0o311)))
                    self.placed.append(relative)
                    return relative
                full.write_text("fixed")
                self.immutable.append((full, self.pick(IMMUTABLE, APPEND)))
                return relative
            if choice == 11:
                full.write_text("below")
                return relative + "/deeper/still"
            if choice == 12:
                os.mkfifo(full)
                return relative
            if choice == 13:
                self.tree(full)
                for _ in range(self.pick(3, 80)):
                    full = full / "d"
                    full.mkdir()
                return relative
            if choice == 14:
                return self.pick("\u00fc\u4e2d/x", "a b/c'd", "tab\there/x", "new\nline/x")
            if choice == 15:
                full.symlink_to(full)
                return relative + "/inner"
            if choice == 17 and self.mounts_in(full):
                return relative
            if choice == 18 and self.random.random() < 0.3:
                # The root itself, and folders that hold others' files.
                return self.pick("", ".", "./", "archives", "installed/", "archives/..", "archives/packages")
            if choice == 16:
                (full.parent / "dir").mkdir(exist_ok=True)
                return os.path.dirname(relative)
        except OSError:
            pass
        return relative

    def mounts_in(self, full):
        """A mount inside a tree, or on it; for root in a mount namespace of its own alone."""
        if not self.mounts:
            return False
        self.tree(full)
        source = self.folder / "outside" / f"m{self.random.randint(0, 9)}"
        source.mkdir(exist_ok=True)
        (source / "held").write_text("held")
        target = self.pick(full, full / "sub", full / "b")
        if target.name == "b":
            target.touch()
            source = source / "held"
        else:
            target.mkdir(exist_ok=True)
        subprocess.run(["mount", "--bind", str(source), str(target)], check=False, stderr=subprocess.DEVNULL)
        return True

    def odd_files(self):
        """Attributes come last: they stop every further change."""
        if os.getuid() != 0:
            self.immutable = []
        for path, flag in self.immutable:
            set_flag(path, flag)
        for path, mode in self.modes:
            if path.exists():
                path.chmod(mode)

    def remove(self):
        clear_flags(self.folder)
        if self.mounts:
            release_mounts(self.folder)
        for path, _ in self.modes:
            if path.exists():
                path.chmod(0o755)
        shutil.rmtree(self.folder, ignore_errors=True)


_private = None


def is_private():
    """Whether mounts of this process are nobody else's; tried once."""
    global _private
    if _private is None:
        libc = ctypes.CDLL(None, use_errno=True)
        # CLONE_NEWNS; then MS_REC | MS_PRIVATE, so that no mount of ours gets out.
        _private = os.getuid() == 0 and libc.unshare(0x20000) == 0 and libc.mount(
            b"none", b"/", None, 0x44000, None) == 0
    return _private


def set_flag(path, flag):
    letter = "i" if flag == IMMUTABLE else "a"
    subprocess.run(["chattr", f"+{letter}", str(path)], stderr=subprocess.DEVNULL, check=False)


def clear_flags(folder):
    subprocess.run(["chattr", "-R", "-i", "-a", str(folder)], stderr=subprocess.DEVNULL, check=False)


def release_mounts(folder):
    for line in reversed(pathlib.Path("/proc/self/mounts").read_text().splitlines()):
        point = line.split(" ")[1].encode().decode("unicode_escape")
        if point.startswith(f"{folder}/"):
            subprocess.run(["umount", "-l", point], check=False)
