"""What GC, eviction, the walk over the disk and a rebuild cost, each with its peer and its bound."""

import hashlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import time

import data
from measure import Sample, race, spawn

ROWS, LEASES = 100_000, 1000
FILES, FOLDERS = 100_000, 1000
BLOBS, BLOB_SIZE = 5000, 100_000
ROUNDS = 5


class CollectionBench:
    def __init__(self, bench):
        self.bench, self.report = bench, bench.report
        self.folder = pathlib.Path(bench.folder).resolve()

    # Inputs

    def planned(self):
        """As many rows, some of them leased; nothing of them is on the disk."""
        root = self.folder / "cache-planned"
        if (root / "complete").exists():
            return root
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(data.cache(self.folder, ROWS), root)
        connection = sqlite3.connect(root / "index.sqlite")
        with connection:
            connection.executemany(
                "INSERT OR IGNORE INTO leases VALUES (?, ?, ?, 1, 1790000000)",
                ((number * 97, 4_000_000 + number, number) for number in range(1, LEASES + 1)))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return root

    def empty(self, name):
        """A cache without rows."""
        root = self.folder / name
        shutil.rmtree(root, ignore_errors=True)
        (root / "archives").mkdir(parents=True)
        (root / "installed").mkdir()
        connection = sqlite3.connect(root / "index.sqlite")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(data.SCHEMA)
        with connection:
            connection.execute(
                "INSERT INTO schema_migrations VALUES (?, 1790000000)", (data.MIGRATION,))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return root

    def tree(self, place):
        """So many files of a few bytes."""
        # What a run that was ended has left.
        shutil.rmtree(place, ignore_errors=True)
        for number in range(FOLDERS):
            (place / f"{number:04d}").mkdir(parents=True)
        for number in range(FILES):
            with open(place / f"{number % FOLDERS:04d}" / f"file-{number}", "w") as file:
                file.write("x" * (number % 50))
        return place

    def blobs(self):
        """Blobs where a pull leaves them, a project of their pointers, and no index."""
        root, project = self.folder / "cache-lost", self.folder / "project-lost"
        if (project / "complete").exists():
            return root, project
        for folder in (root, project):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        for number in range(BLOBS):
            content = os.urandom(BLOB_SIZE)
            sha = hashlib.sha256(content).hexdigest()
            url = f"https://example.com/{number}/blob.bin"
            key = hashlib.sha256(url.encode()).hexdigest()[:16]
            place = root / "archives" / "lnk-blobs" / f"{number}-blob.bin" / key / sha
            place.mkdir(parents=True)
            (place / "blob.bin").write_bytes(content)
            pointer = {"v": 1, "url": url, "sha256": sha, "size": BLOB_SIZE}
            (project / f"blob-{number}.bin.lnk").write_text(json.dumps(pointer))
        (project / "complete").touch()
        return root, project

    # Measures

    def pf9(self):
        root = self.planned()
        self.report.head("PF9", f"GC plan over {ROWS:,} rows and {LEASES:,} leases")
        samples = race({
            "cachescope gc --json": self.bench.run(
                [self.bench.binary, "gc", "--json", "--cache", str(root)]),
            "sqlite3 select *": self.bench.run(
                ["sqlite3", str(root / "index.sqlite"), "SELECT * FROM entries"]),
        }, ROUNDS)
        self.bench.show(samples, "ms")
        self.report.judge("milliseconds", samples["cachescope gc --json"].median * 1000, 60)
        self.bench.judge_ratio(samples, "sqlite3 select *", 1.5)

    def pf10(self):
        root = self.folder / "cache-walked"
        if not (root / "walked").exists():
            self.tree(self.empty("cache-walked") / "walked")
        self.report.head("PF10", f"a walk over {FILES:,} files in {FOLDERS:,} folders")
        samples = race({
            "cachescope host --disk": self.bench.run(
                [self.bench.binary, "host", "--disk", "--cache", str(root)]),
            "ncdu -o": self.bench.run(["ncdu", "-0", "-o", "/dev/null", str(root)]),
            "du -s": self.bench.run(["du", "-s", str(root)]),
        }, ROUNDS)
        self.bench.show(samples, "ms")
        self.bench.judge_ratio(samples, "ncdu -o", 0.6)

    def pf14(self):
        self.report.head("PF14", f"evict a tree of {FILES:,} files")
        ours, peer = Sample(), Sample()
        for _ in range(ROUNDS):
            root = self.empty("cache-evicted")
            tree = self.tree(root / "toolchains" / "big" / "0123456789abcdef" / "1.0")
            twin = self.tree(self.folder / "tree-removed")
            connection = sqlite3.connect(root / "index.sqlite")
            with connection:
                connection.execute(
                    "INSERT INTO entries (id, kind, url, stem, hash, version, installed_path,"
                    " installed_bytes, installed_at, last_used_at) VALUES (1, 'toolchains',"
                    " 'https://example.com/big', 'big', '0123456789abcdef', '1.0', ?, 5, 5, 5)",
                    (str(tree.relative_to(root)),))
            connection.close()
            subprocess.run(["sync"], check=True)
            ours.add(spawn([self.bench.binary, "evict", "1", "--cache", str(root)],
                           self.bench.environment))
            peer.add(spawn(["rm", "-rf", str(twin)], self.bench.environment))
            if tree.exists():
                raise RuntimeError("the tree is still there")
        samples = {"cachescope evict": ours, "rm -rf": peer}
        self.bench.show(samples, "ms")
        self.bench.judge_ratio(samples, "rm -rf", 1.1)

    def rebuild(self):
        root, project = self.blobs()
        self.report.head("PF21", f"an index again from {BLOBS:,} blobs of {BLOB_SIZE // 1000} kB")
        names = [str(path) for path in root.glob("archives/lnk-blobs/*/*/*/*")]
        half = len(names) // 2

        def ours():
            for path in root.glob("index.sqlite*"):
                path.unlink()
            return spawn([self.bench.binary, "rebuild", "--yes", "--project", str(project),
                          "--cache", str(root)], self.bench.environment)

        def openssl():
            start = time.perf_counter()
            running = [subprocess.Popen(["openssl", "dgst", "-sha256", *part],
                                        stdout=subprocess.DEVNULL)
                       for part in (names[:half], names[half:])]
            if any(process.wait() for process in running):
                raise RuntimeError("openssl failed")
            return time.perf_counter() - start

        samples = race({"cachescope rebuild": ours, "openssl dgst, twice": openssl}, ROUNDS)
        connection = sqlite3.connect(root / "index.sqlite")
        found = connection.execute(
            "SELECT count(*) FROM entries WHERE kind = 'lnk-blobs' AND url LIKE 'https://%'")
        if found.fetchone()[0] != BLOBS:
            raise RuntimeError("rows are missing")
        connection.close()
        self.bench.show(samples, "ms")
        self.bench.judge_ratio(samples, "openssl dgst, twice", 1 / 0.9)
