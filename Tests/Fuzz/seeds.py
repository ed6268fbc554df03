"""Writes the small inputs of Tests/Fuzz/Corpus: python3 Tests/Fuzz/seeds.py FOLDER."""

import io
import json
import pathlib
import sys
import tarfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "CacheKitTests/Fixtures"
SHA = "9f3a" * 16


def tar():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in (("a.txt", b"one"), ("folder/b.txt", b"two"), ("long" * 40, b"x")):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("folder/link")
        link.type, link.linkname = tarfile.SYMTYPE, "b.txt"
        archive.addfile(link)
    return buffer.getvalue()


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", "one" * 50)
        archive.writestr("folder/b.txt", "two")
    return buffer.getvalue()


def seeds():
    pointer = {"url": "https://e.org/a.bin", "sha256": SHA, "size": 3, "extract": "tar.gz"}
    yield "pointer", json.dumps(pointer).encode()
    yield "pointer", f"# words\nhttps://e.org/a.bin\nsha256={SHA}\n".encode()
    yield "head", (b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 1-2/3\r\nETag: \"a\"\r\n"
                   b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n")
    yield "process", b"12 (a b) S 1 12 12 0 -1 4194304 1 0 0 0 1 1 0 0 20 0 1 0 55 1 1 1\n"
    yield "process", b"Name:\ta\nTgid:\t12\nUid:\t0\t0\nNSpid:\t12\t1\nbtime 17\n"
    yield "filter", b"kind:lnk age>6h size>100M !pinned word"
    yield "text", "a\\b\x1b[31m\u202e\u0301\u4e2d".encode() + b"\xff"
    entry = {"table": "entries", "id": 1, "kind": "toolchains", "hash": "e316", "version": "1"}
    lease = {"table": "leases", "entry_id": 1, "holder_pid": 1, "holder_nonce": "7166180764764078080",
             "refcount": 1, "acquired_at": 1700000000}
    line = {"id": "1700000000000000000-5", "time": 1700000000, "user": "ada", "cache": "/c",
            "action": "pin", "command": ["pin", "1"], "before": [entry | {"pinned": 0}],
            "after": [entry | {"pinned": 1}, lease]}
    yield "journal", json.dumps(line).encode() + b"\n"
    wal = FIXTURES / "2.5.47-stale-lease-hot-wal/index.sqlite-wal"
    if wal.exists():
        yield "wal", wal.read_bytes()[:32 + 2 * 4120]
    for name in ("2.5.47", "legacy-VB-de9a2cec"):
        for path in sorted((FIXTURES / name).glob("index.sqlite")):
            yield "index", path.read_bytes()
    yield "snapshot", pathlib.Path(__file__).with_name("snapshot.json").read_bytes()
    yield "tar", tar()
    yield "zip", zipped()
    yield "plan", (
        b"cachescope-plan 1\ncache 2f63\nlimits 100 200 300 150\nerror -\nreap 5:4121:17\n"
        b"step 12 installed 4096 1 both 0f - 2f632f61 -\nstep 13 archive - 2 ours 0f - 2f632f62 6e6f\n")
    event = {"schema": 1, "event": "gone", "time": 1700000000, "since": 1690000000, "cache": "/c",
             "entry_id": 12, "phase": "archive", "kind": "toolchains", "stem": "gcc", "hash": "e316",
             "version": "1.0"}
    yield "event", json.dumps(event).encode() + b"\n"
    yield "event", b"cachescope look 1\t1700000000\n12\tarchive,installed\ttoolchains\tgcc\te316\t1.0\n"
    yield "terminal", b"j\x1b[A\x1bOP\x1b[1;5C\x1b[<0;10;5M\x1b[200~pasted\x1b[201~\xe4\xb8\xad\x1b"
    yield "terminal", b"\x1b]11;rgb:ffff/ffff/ffff\x07\x1bP>|xterm(370)\x1b\\\x1b[?1;2c\x1b[[A\x9b5~\x1bx"
    answer = {"success": True, "version": "2.5.47", "daemon_state": "idle", "operation_in_progress": False,
              "project_locks": [{"project_dir": "/p", "is_held": True}], "archive_budget": 1, "installed_budget": 2,
              "high_watermark": 3, "low_watermark": 4, "message": "GC", "total_bytes_freed": 5}
    body = json.dumps(answer).encode()
    yield "daemon", body
    yield "daemon", b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body
    yield "daemon", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"


def main(folder):
    for number, (target, data) in enumerate(seeds()):
        place = pathlib.Path(folder, target)
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:02}").write_bytes(data)


main(sys.argv[1])
