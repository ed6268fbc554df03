#!/bin/sh
# Over the high watermark by its archives and installed packages together, GC evicts archives until the
# sum fits, however old the packages are: packages go only when they alone are above their target.
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
package(1, 5000, 1000)
os.makedirs(cache + "/archives/new")
with open(cache + "/archives/new/file.zip", "wb") as file:
    file.write(b"y" * 6000)
index("INSERT INTO entries (id, kind, url, stem, hash, version, archive_path, archive_bytes, archived_at,"
      " last_used_at, use_count, pinned) VALUES (2, 'packages', 'https://example.com/2', 's2', 'h2', '1',"
      " 'archives/new/file.zip', 6000, 9000, 9000, 1, 0)")
result = fbuild("purge", "--gc", ARCHIVE_BUDGET=8000, INSTALLED_BUDGET=8000, HIGH_WATERMARK=10000)
print(result.returncode, result.stdout.strip())
assert os.path.exists(cache + "/packages/p1"), "the older package went"
assert not os.path.exists(cache + "/archives/new/file.zip")
print("finding holds: the archive used last went, the package not used for longest stayed")
PYTHON
