"""A cache of real fbuild in a temporary folder, for the findings beside this folder."""

import os
import sqlite3
import subprocess

folder = os.environ["FINDING_FOLDER"]
cache = os.environ["FBUILD_CACHE_DIR"]
NOTHING = dict(ARCHIVE_BUDGET=0, INSTALLED_BUDGET=0, HIGH_WATERMARK=0)
COLUMNS = ("id", "kind", "url", "stem", "hash", "version", "installed_path", "installed_bytes",
           "installed_at", "last_used_at", "use_count", "pinned")


def fbuild(*words, user=None, **limits):
    """Runs it; a limit goes by its variable, without the prefix."""
    variables = {f"FBUILD_CACHE_{name}": str(value) for name, value in limits.items()}
    return subprocess.run(["fbuild", *words], env={**os.environ, **variables}, capture_output=True,
                          text=True, cwd=folder, user=user)


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
    row = (number, "packages", f"https://example.com/{number}", f"s{number}", f"h{number}", "1",
           path, size, used, used, 1, pinned)
    index(f"INSERT INTO entries ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(row))})", *row)


# The first run makes the folders and the index.
fbuild("purge", "--gc")
