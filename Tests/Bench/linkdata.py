"""The inputs of the link measures: blobs, archives, pointers and a large project; made once and kept."""

import hashlib
import io
import json
import os
import pathlib
import random
import shutil
import tarfile

GIB = 1 << 30
SMALL_COUNT, SMALL_SIZE = 200, 100_000
LINE = b"a line of a file that compresses well, as most text does\n"


def served(folder):
    """The folder that the web server shows."""
    root = pathlib.Path(folder).resolve() / "served"
    root.mkdir(parents=True, exist_ok=True)
    return root


def made(path, make):
    """The path, written by `make` under another name first."""
    if not path.exists():
        part = path.with_name(path.name + ".part")
        part.unlink(missing_ok=True)
        make(part)
        part.rename(path)
    return path


def write_random(path, size):
    with open(path, "wb") as file:
        while size > 0:
            file.write(os.urandom(min(size, 1 << 24)))
            size -= 1 << 24


def blob(folder):
    return made(served(folder) / "blob-1g.bin", lambda path: write_random(path, GIB))


def small(folder):
    return [made(served(folder) / f"small-{number:03d}.bin",
                 lambda path: write_random(path, SMALL_SIZE)) for number in range(SMALL_COUNT)]


def large_archive(folder):
    """16 files of 16 MiB, the first half of each random, the second half words."""
    def files():
        # Longer than the window of gzip: repeating it makes nothing smaller.
        text = words(1 << 20) * 8
        for number in range(16):
            yield f"large/part-{number:02d}.bin", os.urandom(8 << 20) + text
    return made(served(folder) / "large.tar.gz", lambda path: write_archive(path, files()))


def words(size):
    """Text of made-up words, the frequent ones as frequent as in a language."""
    source = random.Random(2)
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    known = ["".join(source.choices(letters, range(26, 0, -1), k=source.randint(2, 10)))
             for _ in range(5000)]
    weights = [1 / rank for rank in range(1, len(known) + 1)]
    return " ".join(source.choices(known, weights, k=size // 4)).encode()[:size]


def many_archive(folder):
    """10,000 files of 20 to 1,000 bytes in 100 folders."""
    def files():
        sizes = random.Random(1)
        for number in range(10_000):
            size = sizes.randint(20, 1000)
            yield (f"many/folder-{number // 100:02d}/file-{number:05d}.txt",
                   (b"%d " % number + LINE * 20)[:size])
    return made(served(folder) / "many.tar.gz", lambda path: write_archive(path, files()))


def write_archive(path, files):
    with tarfile.open(path, "w:gz", compresslevel=6) as archive:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def project(folder, server, files, extract=None):
    """A new folder with a pointer to each of the served files."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file in files:
        pointer = {"v": 1, "url": server.url(file.name), "sha256": sha256(file),
                   "size": file.stat().st_size}
        if extract:
            pointer["extract"] = extract
        (folder / f"{file.name.split('.')[0]}.lnk").write_text(json.dumps(pointer))
    return folder


def tree(folder, folders=1000, files=100, pointers=100):
    """A project of 100,000 empty files, and a pointer in some of its folders."""
    root = pathlib.Path(folder).resolve() / f"tree-{folders}"
    if (root / "complete").exists():
        return root
    shutil.rmtree(root, ignore_errors=True)
    for number in range(folders):
        inner = root / f"part-{number % 10}" / f"folder-{number}"
        inner.mkdir(parents=True)
        for index in range(files):
            (inner / f"source-{index}.cpp").touch()
        if number % (folders // pointers) == 0:
            sha = hashlib.sha256(inner.name.encode()).hexdigest()
            pointer = {"v": 1, "url": f"https://example.com/{inner.name}.bin", "sha256": sha}
            (inner / "asset.bin.fetch").write_text(json.dumps(pointer))
    (root / "complete").touch()
    return root
