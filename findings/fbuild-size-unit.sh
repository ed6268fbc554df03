#!/bin/sh
# FBUILD_CACHE_INSTALLED_BUDGET=1KiB is a size, 1Ki is none: the limit is then the default of many
# gigabytes, without a word. So are 1e3, 50%, and a number with a sign.
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
for text, is_size in [("1KiB", True), ("1K", True), (".5K", True), ("1Ki", False), ("1e3", False),
                      ("50%", False), ("+5", False), ("1,5K", False)]:
    index("DELETE FROM entries")
    package(1, 5000, 1000)
    result = fbuild("purge", "--gc", INSTALLED_BUDGET=text)
    evicted = not os.path.exists(cache + "/packages/p1")
    print(f"{text:6} evicted: {evicted}", result.stderr.strip())
    assert evicted == is_size and not result.stderr, (text, result)
print("finding holds: what is no size to fbuild becomes its default in silence")
PYTHON
