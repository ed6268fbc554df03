#!/bin/sh
# A tree that cannot be removed whole loses what can be removed. Its row goes on saying that it is
# installed, with all its bytes, a newer tree goes in its place, the exit code is 0, and nothing is printed about it.
# Needs an ordinary user, since root may remove everything: run by root, it plays one.
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
package(1, 3000, 1000)
os.makedirs(cache + "/packages/p1/a")
os.makedirs(cache + "/packages/p1/locked")
for name in ("a/one", "a/two", "locked/three"):
    with open(f"{cache}/packages/p1/{name}", "w") as file:
        file.write("x")
package(2, 3000, 2000)
os.chmod(cache + "/packages/p1/locked", 0o555)
user = 65534 if os.getuid() == 0 else os.getuid()
if os.getuid() == 0:
    for place, folders, files in os.walk(folder):
        for path in [place, *(os.path.join(place, name) for name in files)]:
            os.chown(path, user, user, follow_symlinks=False)
variables = {**os.environ, **{f"FBUILD_CACHE_{name}": str(value) for name, value in dict(
    ARCHIVE_BUDGET=0, INSTALLED_BUDGET=3000, HIGH_WATERMARK="1G").items()}}
result = subprocess.run(["fbuild", "purge", "--gc"], env=variables, capture_output=True, text=True,
                        cwd=folder, user=user)
print(result.returncode, result.stdout.strip(), result.stderr.strip())
left = sum(len(files) for _, _, files in os.walk(cache + "/packages/p1"))
print("files left of four:", left, "- the newer tree is there:", os.path.exists(cache + "/packages/p2"))
assert result.returncode == 0 and "p1" not in result.stdout + result.stderr
assert 0 < left < 4, left
assert not os.path.exists(cache + "/packages/p2")
assert index("SELECT id, installed_bytes FROM entries") == [(1, 3000)]
os.chmod(cache + "/packages/p1/locked", 0o755)
print("finding holds: a part of the older tree is gone, its row is whole, and the newer tree went for it")
PYTHON
