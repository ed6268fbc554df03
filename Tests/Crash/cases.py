"""Every changing command: what it is run on, and how a fresh process sees that it was done."""

import dataclasses
import io
import os
import sqlite3
import tarfile
import zipfile

BUDGETS = {
    "FBUILD_CACHE_ARCHIVE_BUDGET": "60M", "FBUILD_CACHE_HIGH_WATERMARK": "9G",
    "FBUILD_CACHE_INSTALLED_BUDGET": "7G",
}
# The next change after one that cannot be made twice.
NEXT = ["pin", "9"]
# Words that the world fills in.
ALIEN, ADDED = object(), object()


def spelled(world, words):
    """The words of a command, with what only the world knows."""
    def word(item):
        if item is ADDED:
            return world.tools.server.url("added.bin")
        if item is ALIEN:
            return "33:1:%d" % world.sql("SELECT holder_nonce FROM leases WHERE entry_id = 33")[0][0]
        return item
    return [word(item) for item in words]


@dataclasses.dataclass
class Case:
    name: str
    words: list
    # True where the world shows that the change was made.
    made: object
    prepare: object = None
    # What is run once more where all of it was made, or a function of the world that says what is left to do;
    # the same command where it may be run twice.
    again: object = None
    # The exit code of the whole change.
    code: int = 0
    variables: dict = dataclasses.field(default_factory=dict)
    # Whether its files stay in the trash: how many there are depends on when it was killed.
    keeps: bool = False
    # Where the index lies, below the world.
    cache: str = "demo/cache"


def pins(world, *ids):
    marks = ",".join("?" * len(ids))
    found = world.sql(
        f"SELECT count(*) FROM leases WHERE holder_pid IN (0, 1) AND holder_nonce = 7166180764764078080"
        f" AND entry_id IN ({marks})", *ids)
    return found[0][0]


def archive(format):
    """A small tree of files, folders, a link and a hard link, packed."""
    packed = io.BytesIO()
    if format == "zip":
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as pack:
            for n in range(4):
                pack.writestr(f"folder{n % 2}/file{n}", os.urandom(300) * 9)
        return packed.getvalue()
    with tarfile.open(fileobj=packed, mode="w:gz") as pack:
        for n in range(4):
            member = tarfile.TarInfo(f"folder{n % 2}/file{n}")
            member.size, member.mtime = 2700, 1_700_000_000 + n
            pack.addfile(member, io.BytesIO(os.urandom(2700)))
        for name, kind, target in (("link", tarfile.SYMTYPE, "folder0/file0"),
                                   ("hard", tarfile.LNKTYPE, "folder0/file0")):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            pack.addfile(member)
    return packed.getvalue()


def serve(server):
    for name, size in (("one.bin", 3000), ("two.bin", 120_000), ("three.bin", 40_000), ("added.bin", 9000)):
        server.bodies[name] = os.urandom(size)
    server.bodies["tree.zip"], server.bodies["tree.tar.gz"] = archive("zip"), archive("tar.gz")


def pointers(*names):
    def prepare(world):
        for name in names:
            extract = next((kind for kind in ("zip", "tar.gz") if name.endswith(kind)), None)
            more = {"extract": extract} if extract else {}
            (world.project / f"{name}.lnk").write_text(world.tools.server.pointer(name, **more))
    return prepare


FILES = ("one.bin", "two.bin", "three.bin")


def pulled(*names):
    def made(world):
        facts = world.facts()
        urls = [world.tools.server.url(name) for name in names]
        rows = dict(world.sql("SELECT url, id FROM entries WHERE archive_path IS NOT NULL"))
        return all(url in rows and (rows[url], "archive") not in facts.bad for url in urls)
    return made


def unpacked(world):
    wanted = {f"tree/folder{n % 2}/file{n}" for n in range(4)}
    found = {
        os.path.relpath(os.path.join(folder, name), world.here / "target")
        for folder, _, names in os.walk(world.here / "target") for name in names}
    one = world.here / "target/one.bin"
    body = world.tools.server.bodies["one.bin"]
    flat = {name.split("/", 1)[1] for name in wanted}
    return (one.exists() and one.read_bytes() == body
            and sum(name.endswith(tuple(flat)) for name in found) == 2 * len(wanted))


def corrupt_blob(world):
    """A pulled blob, one byte of which somebody changed."""
    pointers("two.bin")(world)
    assert world.run(["lnk", "pull", "project"]).returncode == 0
    path = world.sql("SELECT archive_path FROM entries WHERE url LIKE '%/two.bin'")[0][0]
    with open(path, "r+b") as file:
        file.seek(60_000)
        byte = file.read(1)
        file.seek(60_000)
        file.write(bytes([byte[0] ^ 1]))


def half_pulled(world):
    """What a pull leaves that was killed in the middle of a body."""
    pointers("two.bin")(world)
    for at in range(30, 200):
        world.strike(["lnk", "pull", "project"], "kill", at)
        parts = [path for path in (world.cache / "staging").rglob("*") if path.is_file()]
        if any(0 < path.stat().st_size for path in parts if not path.name.endswith(".lock")):
            return
    raise AssertionError("no kill left a part of a download")


def held_eviction(world):
    done = world.run(["evict", "2", "29", "--keep", "1h"])
    assert done.returncode == 0, done.stderr


def row(world, identity, column="installed_path"):
    found = world.sql(f"SELECT {column} FROM entries WHERE id = ?", identity)
    return bool(found) and found[0][0] is not None


def to_evict(world):
    left = [str(identity) for identity in (2, 20) if row(world, identity)]
    return ["evict", *left] if left else NEXT


def stuck(world):
    return world.sql("SELECT count(*) FROM leases WHERE holder_pid > 1")[0][0]


def no_index(world):
    pointers(*FILES)(world)
    assert world.run(["lnk", "pull", "project"]).returncode == 0
    for name in ("index.sqlite", "index.sqlite-wal", "index.sqlite-shm"):
        if (world.cache / name).exists():
            os.unlink(world.cache / name)


def broken_index(world):
    with open(world.index, "r+b") as file:
        file.seek(4096)
        file.write(os.urandom(4096))


def rebuilt(world):
    facts = world.facts()
    return facts.check == "ok" and len(facts.rows) > 20


def small_cache(world):
    """The demo's collection, with the ends of pins behind it."""
    assert world.run(["pin", "5", "--until", "2020-01-01", "--now", "1500000000"]).returncode == 0


def legacy(world):
    return world.sql("SELECT count(*) FROM schema_migrations")[0][0] >= 2


def has_migrations(world):
    return bool(world.sql("SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'")) and legacy(world)


BACKUP = "index.sqlite.bak-20260101T000000-manual"
OLDER = "index.sqlite.bak-20250101T000000-manual"


def backed_up(world):
    """Two indexes that are kept; the one in use lacks an entry that they have."""
    for name in (BACKUP, OLDER):
        with sqlite3.connect(world.index) as source, sqlite3.connect(world.cache / name) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        source.close()
        copy.close()
    world.sql("DELETE FROM entries WHERE id = 40")


def no_backup(world):
    return not any((world.cache / name).exists() for name in (BACKUP, OLDER))


def to_delete(world):
    left = [name for name in (BACKUP, OLDER) if (world.cache / name).exists()]
    return ["backups", "--yes", "--delete", *left] if left else NEXT


LEFT = ("installed/toolchains/gone-stem/0123456789abcdef/1.0_staging",
        "archives/toolchains/gone-stem/0123456789abcdef/1.0.partial")


def leftovers(world):
    """What an install and a download left that ended long ago."""
    for name in LEFT:
        (world.cache / name).mkdir(parents=True)
        (world.cache / name / "file").write_bytes(b"x" * 5000)
        for path in (world.cache / name / "file", world.cache / name):
            os.utime(path, (1_600_000_000, 1_600_000_000))


def no_leftovers(world):
    return not any((world.cache / name).exists() for name in LEFT) and stuck(world) == 0


def nothing_over_budget(world):
    return not row(world, 4) and not row(world, 20)


CASES = [
    Case("pin", ["pin", "3", "4", "6", "--reason", "why"], lambda w: pins(w, 3, 4, 6) == 6),
    Case("unpin", ["unpin", "1", "25"], lambda w: pins(w, 1, 25) == 0),
    Case("release --stuck", ["release", "--stuck"], lambda w: stuck(w) == 0),
    Case("release --force", ["release", "--force", ALIEN],
         lambda w: not w.sql("SELECT 1 FROM leases WHERE entry_id = 33"), again=NEXT),
    Case("migrate", ["migrate"], has_migrations, cache="demo/legacy-cache"),
    Case("migrate --no-backup", ["migrate", "--no-backup"], has_migrations, cache="demo/legacy-cache"),
    Case("lnk pull", ["lnk", "pull", "project"], pulled(*FILES), pointers(*FILES)),
    Case("lnk pull --into", ["lnk", "pull", "project", "--into", "target"], unpacked,
         pointers("one.bin", "tree.zip", "tree.tar.gz")),
    Case("lnk pull --hard-link", ["lnk", "pull", "project", "--into", "target", "--hard-link"],
         lambda w: (w.here / "target/two.bin").exists() and pulled("two.bin")(w), pointers("two.bin")),
    Case("lnk pull, a bad blob", ["lnk", "pull", "project"], pulled("two.bin"), corrupt_blob),
    Case("lnk pull, resumed", ["lnk", "pull", "project"], pulled("two.bin"), half_pulled),
    Case("lnk pull, no cache", ["lnk", "pull", "project", "--cache", "new"],
         lambda w: pulled("one.bin")(w), pointers("one.bin"), cache="new"),
    Case("lnk add", ["lnk", "add", ADDED, "-o", "project/added.fetch"],
         lambda w: (w.project / "added.fetch").exists() and pulled("added.bin")(w),
         again=["lnk", "pull", "project"]),
    Case("gc --apply", ["gc", "--apply", "--yes"], nothing_over_budget, variables=BUDGETS),
    Case("gc --apply --keep", ["gc", "--apply", "--yes", "--keep", "1h"], nothing_over_budget,
         variables=BUDGETS, keeps=True),
    Case("evict", ["evict", "2", "20"], lambda w: not row(w, 2) and not row(w, 20), again=to_evict),
    Case("evict --keep", ["evict", "2", "--keep", "1h"], lambda w: not row(w, 2), again=NEXT, keeps=True),
    Case("undo", ["undo"], lambda w: row(w, 2) and row(w, 29, "archive_path"), held_eviction, again=NEXT),
    Case("doctor --fix", ["doctor", "--fix"], lambda w: stuck(w) == 0 and pins(w, 5) == 0, small_cache,
         code=1),
    Case("doctor --fix, leftovers", ["doctor", "--fix"], no_leftovers, leftovers, code=1),
    Case("backups --restore", ["backups", "--restore", BACKUP, "--yes"], lambda w: row(w, 40, "id"), backed_up),
    Case("backups --delete", ["backups", "--delete", BACKUP, OLDER, "--yes"], no_backup, backed_up, again=to_delete),
    Case("rebuild", ["rebuild", "--yes", "--project", "project"], rebuilt, no_index),
    Case("rebuild, damaged", ["rebuild", "--yes"], rebuilt, broken_index),
    Case("metrics", ["metrics", "--output", "out.prom"],
         lambda w: (w.here / "out.prom").exists()
         and (w.here / "out.prom").read_text().endswith("\n")),
]
