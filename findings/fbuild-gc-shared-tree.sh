#!/bin/sh
# Two rows may name one folder. GC removes it for the row that is free: the other row, though held by a
# pin, keeps saying that it is installed. Where both are free, the bytes of the one tree are counted twice.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet fbuild==2.5.47 || exit 77
mkdir "$folder/home"
HOME="$folder/home" FBUILD_CACHE_DIR="$folder/cache" PATH="$folder/venv/bin:$PATH" \
  python3 - "$folder" <<'PYTHON'
import os, sqlite3, subprocess, sys
folder = sys.argv[1]
cache = folder + "/cache"


def fbuild(*words, **limits):
    """Runs it with limits in bytes; the words of a limit are its variable, without the prefix."""
    variables = {f"FBUILD_CACHE_{name}": str(value) for name, value in limits.items()}
    return subprocess.run(["fbuild", *words], env={**os.environ, **variables}, capture_output=True,
                          text=True, cwd=folder)


def index(sql, *values):
    connection = sqlite3.connect(cache + "/index.sqlite")
    with connection:
        rows = connection.execute(sql, values).fetchall()
    connection.close()
    return rows


def package(number, size, used, path=None, pinned=0):
    """An installed package with its files and its row."""
    path = path or f"packages/p{number}"
    os.makedirs(f"{cache}/{path}", exist_ok=True)
    with open(f"{cache}/{path}/file", "wb") as file:
        file.write(b"x" * size)
    index("INSERT INTO entries (id, kind, url, stem, hash, version, installed_path, installed_bytes,"
          " installed_at, last_used_at, use_count, pinned) VALUES (?, 'packages', ?, ?, ?, '1', ?, ?, ?, ?, 1, ?)",
          number, f"https://example.com/{number}", f"s{number}", f"h{number}", path, size, used, used, pinned)


NOTHING = dict(ARCHIVE_BUDGET=0, INSTALLED_BUDGET=0, HIGH_WATERMARK=0)
# The first run makes the folders and the index.
fbuild("purge", "--gc")
package(1, 3000, 1000, "packages/shared")
package(2, 3000, 2000, "packages/shared", pinned=1)
result = fbuild("purge", "--gc", **NOTHING)
print(result.returncode, result.stdout.strip())
assert not os.path.exists(cache + "/packages/shared")
assert index("SELECT id, installed_path FROM entries") == [(2, "packages/shared")]
package(3, 3000, 1000, "packages/shared")
index("UPDATE entries SET pinned = 0")
result = fbuild("purge", "--gc", **NOTHING)
print(result.returncode, result.stdout.strip())
assert "Installed evicted: 2 (5.9 KB)" in result.stdout, result.stdout
print("finding holds: a pinned row lost its tree, and one tree of 3,000 bytes was counted twice")
PYTHON
