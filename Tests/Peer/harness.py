"""Real fbuild, cachescope and a blob server, each in folders of their own."""

import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.request

FIXTURES = pathlib.Path(__file__).parent.parent / "CacheKitTests" / "Fixtures"
NO_BUDGET = {
    "FBUILD_CACHE_ARCHIVE_BUDGET": "0",
    "FBUILD_CACHE_INSTALLED_BUDGET": "0",
    "FBUILD_CACHE_HIGH_WATERMARK": "0",
}


def until(condition, what, seconds=20):
    """Polls until the condition gives something, and gives that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"never happened: {what}")


class World:
    """One cache, one project, one home; removed at the end."""

    def __init__(self, tools, version, blobs, fixture=None):
        self.tools, self.version, self.blobs = tools, version, blobs
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="cachescope-peer-"))
        # What every program is started through.
        self.prefix = []
        self.cache, self.project = self.base / "cache", self.base / "project"
        for name in ("home", "tmp"):
            (self.base / name).mkdir()
        if fixture:
            shutil.copytree(FIXTURES / fixture, self.cache)
        blobs.write_pointers(self.project)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.base / "home"),
            "TMPDIR": str(self.base / "tmp"),
            "XDG_STATE_HOME": str(self.base / "home/state"),
            "FBUILD_CACHE_DIR": str(self.cache),
            "LANG": "C.UTF-8",
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.base, ignore_errors=True)

    def become(self, uid):
        """From now on an ordinary user owns the cache and runs both programs."""
        self.prefix = [
            "setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--"]
        for path in [self.base, *self.base.rglob("*")]:
            os.chown(path, uid, uid, follow_symlinks=False)

    def fbuild_path(self, name="fbuild"):
        return str(self.tools.venvs / self.version / "bin" / name)

    def fbuild(self, *arguments, **variables):
        return self._run([self.fbuild_path(), *arguments], variables)

    def cachescope(self, *arguments, **variables):
        return self._run([str(self.tools.binary), *arguments], variables)

    def start(self, *arguments, program=None, **variables):
        """A process that goes on beside us: cachescope, or another program."""
        command = [program or str(self.tools.binary), *arguments]
        return subprocess.Popen(
            command, cwd=self.project, env={**self.environment, **variables}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def _run(self, command, variables):
        return subprocess.run(
            self.prefix + command, cwd=self.project, env={**self.environment, **variables},
            timeout=120,
            stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def pull(self):
        return self.fbuild("lnk", "pull")

    def report(self, *arguments):
        """The JSON report of a verb that has to succeed."""
        result = self.cachescope(*arguments, "--json")
        assert result.returncode == 0, f"{arguments}: {result.returncode} {result.stdout[-600:]}"
        return json.loads(result.stdout)

    def use_cache(self, folder):
        """From now on both programs work on this cache."""
        self.cache = pathlib.Path(folder)
        self.environment["FBUILD_CACHE_DIR"] = str(self.cache)

    def ours(self, *arguments):
        """The result of every pointer of our own pull, by the pointer's name."""
        links = self.report("lnk", "pull", *arguments)["links"]
        return {os.path.basename(link["path"]): link["result"] for link in links}

    def rows(self):
        """What the index says of every blob, by the blob's URL."""
        columns = "archive_path, archive_bytes, archive_sha256, version, pinned"
        return {row[0]: row[1:] for row in self.query(f"SELECT url, {columns} FROM entries")}

    def assert_whole(self):
        """Every blob of the server is there, recorded, and held by nobody."""
        rows = self.rows()
        for name, body in self.blobs.files.items():
            path, size, sha256, version, pinned = rows[self.blobs.url(name)]
            digest = hashlib.sha256(body).hexdigest()
            assert (size, sha256, version, pinned) == (len(body), digest, digest, 0), (name, rows)
            assert os.path.isabs(path), path
            assert pathlib.Path(path).read_bytes() == body, f"{path} holds other bytes"
        assert self.query("SELECT count(*) FROM leases") == [(0,)]
        assert self.query("PRAGMA integrity_check") == [("ok",)]

    def query(self, sql, *values):
        """Rows, or the effect, of one statement by SQLite itself."""
        connection = sqlite3.connect(self.cache / "index.sqlite", timeout=10)
        try:
            with connection:
                return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def gc(self):
        result = self.fbuild("purge", "--gc", **NO_BUDGET)
        assert result.returncode == 0, result.stdout + result.stderr
        return result

    def hold_lease(self):
        """A real `lnk pull` that holds a lease: its report meets a pipe that takes no more."""
        return StuckPull(self)

    def daemon(self):
        return Daemon(self)

    def cleaning_daemon(self):
        """A daemon that is fully up and has removed from the cache what it takes for orphans."""
        prey = self.cache / "archives/lnk-blobs/127-prey/0123456789abcdef/prey"
        prey.mkdir(parents=True)
        (prey / "prey.bin").write_bytes(b"prey")
        daemon, log = self.daemon(), self.base / "daemon.log"
        until(lambda: b"startup reconciliation" in log.read_bytes(), "a daemon that cleans up")
        assert not prey.exists(), log.read_text()
        return daemon


class StuckPull:
    def __init__(self, world):
        self.read_end, self.write_end = os.pipe()
        capacity = fcntl.fcntl(self.write_end, fcntl.F_SETPIPE_SZ, 4096)
        os.write(self.write_end, b" " * capacity)
        self.process = subprocess.Popen(
            [*world.prefix, world.fbuild_path(), "lnk", "pull"], cwd=world.project,
            env=world.environment, stdin=subprocess.DEVNULL, stdout=self.write_end, stderr=self.write_end)
        self.pid = self.process.pid
        until(
            lambda: world.query("SELECT 1 FROM leases WHERE holder_pid = ?", self.pid),
            "a lease of a real lnk pull")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def finish(self):
        """Lets it print and end."""
        drain = threading.Thread(target=self._drain, daemon=True)
        drain.start()
        status = self.process.wait(timeout=60)
        os.close(self.write_end)
        drain.join(timeout=10)
        return status

    def _drain(self):
        while os.read(self.read_end, 65536):
            pass


class Daemon:
    """A real daemon on a free port, stopped by its own pid."""

    def __init__(self, world):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = (world.base / "daemon.log").open("wb")
        self.process = subprocess.Popen(
            [world.fbuild_path("fbuild-daemon"), "--port", str(self.port)], cwd=world.base,
            env=world.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        until(self.statistics, "a daemon that answers", 60)

    def statistics(self):
        return self._ask("GET", "/api/cache/stats")

    def gc(self):
        return self._ask("POST", "/api/cache/gc")

    def _ask(self, method, path):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except OSError:
            return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
