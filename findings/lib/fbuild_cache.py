"""A cache of real fbuild in a temporary folder, for the findings beside this folder."""

import contextlib
import glob
import os
import sqlite3
import subprocess
import time
import urllib.request

folder = os.environ["FINDING_FOLDER"]
cache = os.environ["FBUILD_CACHE_DIR"]
NOTHING = dict(ARCHIVE_BUDGET=0, INSTALLED_BUDGET=0, HIGH_WATERMARK=0)
COLUMNS = ("id", "kind", "url", "stem", "hash", "version", "installed_path", "installed_bytes",
           "installed_at", "last_used_at", "use_count", "pinned")


def with_limits(limits):
    """The environment; a limit goes by its variable, without the prefix."""
    return {**os.environ, **{f"FBUILD_CACHE_{name}": str(value) for name, value in limits.items()}}


def fbuild(*words, user=None, **limits):
    """Runs it."""
    return subprocess.run(["fbuild", *words], env=with_limits(limits), capture_output=True,
                          text=True, cwd=folder, user=user)


@contextlib.contextmanager
def daemon(**limits):
    """A daemon of this cache and home; ended where it still runs."""
    running = subprocess.Popen(["fbuild-daemon"], env=with_limits(limits), cwd=folder,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield running
    finally:
        running.terminate()
        running.wait()


def until(condition):
    """Waits for a condition, half a minute at most; what cannot be asked yet is not so."""
    for _ in range(300):
        with contextlib.suppress(OSError, IndexError):
            if condition():
                return
        time.sleep(0.1)
    raise AssertionError("it did not come to that")


def ask(path):
    """The status and the text of the daemon's answer."""
    with open(glob.glob(os.environ["HOME"] + "/.fbuild/*/daemon/*.port")[0]) as file:
        port = int(file.read())
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.status, answer.read().decode()


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


def complete(number, size, used, pinned=0):
    """A package as an install leaves it; the path of its tree."""
    path = f"packages/s{number}/h{number}/1"
    package(number, size, used, path, pinned)
    with open(f"{cache}/{path}/.install_complete", "w"):
        pass
    return f"{cache}/{path}"


# The first run makes the folders and the index.
fbuild("purge", "--gc")
