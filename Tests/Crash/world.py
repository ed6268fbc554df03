"""One cache, one project and one home in a folder of their own, put back before every run."""

import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import threading

# Whatever is longer than this hangs.
LIMIT = 60


class Files(http.server.ThreadingHTTPServer):
    """A server on the loopback; what it serves stands in `bodies`."""

    def __init__(self):
        self.bodies = {}
        super().__init__(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """A client that was killed is none."""

    def url(self, name):
        return f"http://127.0.0.1:{self.server_port}/{name}"

    def pointer(self, name, **more):
        body = self.bodies[name]
        return json.dumps(
            {"v": 1, "url": self.url(name), "sha256": hashlib.sha256(body).hexdigest(), "size": len(body),
             **more})


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.server.bodies.get(self.path[1:])
        if body is None:
            return self.send_error(404)
        start = 0
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if wanted and int(wanted[1]) < len(body):
            start = int(wanted[1])
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        try:
            self.wfile.write(body[start:])
        except OSError:
            pass

    def log_message(self, *_):
        pass


class World:
    def __init__(self, base, tools):
        self.base, self.tools = pathlib.Path(base), tools
        self.here = self.base / "here"
        self.cache = self.here / "demo/cache"
        self.project, self.state = self.here / "project", self.here / "home/state"
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.here / "home"), "TMPDIR": str(self.here / "tmp"),
            "XDG_STATE_HOME": str(self.state), "LANG": "C.UTF-8", "FBUILD_CACHE_DIR": str(self.cache),
        }

    def build(self):
        """The demo, with what every case needs; kept as `base/origin`."""
        shutil.rmtree(self.base, ignore_errors=True)
        for name in ("home/state", "tmp", "outside", "project", "target"):
            (self.here / name).mkdir(parents=True)
        (self.here / "outside/file").write_text("nobody's business")
        done = self.run(["demo", str(self.here / "demo")])
        assert done.returncode == 0, done.stderr
        # The verdict on it changes when the process that it names ends.
        self.sql("DELETE FROM leases WHERE holder_pid > 1 AND entry_id = 30")
        self.sql("UPDATE entries SET pinned = 0 WHERE id = 30")
        self.shrink()
        self.keep("origin")

    def shrink(self):
        """Forty entries instead of three hundred: each kill puts all of it back."""
        rest = "id > 40 AND id NOT IN (SELECT entry_id FROM leases) AND pinned = 0"
        ids = [str(row[0]) for row in self.sql(f"SELECT id FROM entries WHERE {rest}")]
        shutil.copytree(self.state, self.base / "state")
        done = self.run(["evict", *ids])
        assert done.returncode == 0, done.stderr
        self.sql(f"DELETE FROM entries WHERE {rest}")
        shutil.rmtree(self.state)
        (self.base / "state").rename(self.state)

    def keep(self, name):
        subprocess.run(["cp", "-a", self.here, self.base / name], check=True)

    def restore(self, name):
        shutil.rmtree(self.here, ignore_errors=True)
        subprocess.run(["cp", "-a", self.base / name, self.here], check=True)

    @property
    def index(self):
        return self.cache / "index.sqlite"

    def sql(self, text, *values):
        connection = sqlite3.connect(self.index, timeout=10)
        try:
            with connection:
                return connection.execute(text, values).fetchall()
        finally:
            connection.close()

    def run(self, words, prefix=(), **variables):
        return subprocess.run(
            [*prefix, self.tools.binary, *words], cwd=self.here, timeout=LIMIT,
            env={**self.environment, **variables}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")

    def strike(self, words, how, at, **variables):
        """The run in which the `at`-th call is struck, and the calls that were made."""
        report = self.base / "calls"
        result = self.run(words, [self.tools.strike, str(report), how, str(at)], **variables)
        assert result.returncode != 125, f"strike: {result.stderr}"
        lines = report.read_text(errors="replace").splitlines()
        return result, [line.split(" ", 2)[1:] for line in lines]

    def fbuild(self, *words):
        return subprocess.run(
            [self.tools.fbuild, *words], cwd=self.here / "peer", timeout=LIMIT, env=self.environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")

    def facts(self):
        return Facts(self)


class Facts:
    """What a fresh process finds in a world."""

    def __init__(self, world):
        self.check = self.look(world)
        self.bad = self.bad_rows(world.cache) if self.check == "ok" else set()
        self.names, self.outside = self.files(world)
        self.unfinished = self.journal(world)

    def look(self, world):
        self.rows, self.leases = [], set()
        if not world.index.exists():
            return "no index"
        columns = "id, kind, archive_path, archive_bytes, archive_sha256, installed_path"
        try:
            found = world.sql("PRAGMA quick_check")[0][0]
            if not world.sql("SELECT 1 FROM sqlite_master WHERE name IN ('entries', 'leases')"):
                return "no tables" if found == "ok" else found
            self.rows = world.sql(f"SELECT {columns} FROM entries")
            nonce = ", holder_nonce" if any(
                row[1] == "holder_nonce" for row in world.sql("PRAGMA table_info(leases)")) else ""
            self.leases = set(world.sql(f"SELECT entry_id, holder_pid{nonce} FROM leases"))
            return found
        except sqlite3.Error as error:
            return str(error)

    def bad_rows(self, cache):
        """The phases of rows whose files are not what the row says (T-J2, T-J5)."""
        bad = set()
        for identity, kind, archive, size, digest, installed in self.rows:
            if archive is not None and not is_file(cache / archive, size, digest if kind == "lnk-blobs" else None):
                bad.add((identity, "archive"))
            if installed is not None and not (cache / installed / ".install_complete").exists():
                bad.add((identity, "installed"))
        return bad

    @staticmethod
    def files(world):
        """The names below the world without numbers and hashes, and what stands outside of the cache."""
        names, outside = set(), {}
        for folder, folders, files in os.walk(world.here):
            for name in folders + files:
                path = os.path.join(folder, name)
                relative = os.path.relpath(path, world.here)
                # Two backups of one second differ in a number behind.
                relative = re.sub(r"(-migrate|replaced-\w+)-\d+$", r"\1", relative)
                names.add(re.sub(r"[0-9a-f]{12,}|\d{3,}", "#", relative))
                if relative.startswith("outside/"):
                    status = os.lstat(path)
                    outside[relative] = (status.st_mode, status.st_mtime_ns, open(path, "rb").read())
        return names, outside

    @staticmethod
    def journal(world):
        """The changes of the journal that are neither done nor struck."""
        begun = {}
        path = world.state / "cachescope/journal.jsonl"
        for line in path.read_text().splitlines() if path.exists() else ():
            try:
                line = json.loads(line)
            except ValueError:
                continue
            if line.get("unfinished"):
                begun[line["id"]] = line["action"]
            elif "outcome" in line:
                begun.pop(line["id"], None)
        return list(begun.values())


def is_file(path, size, digest):
    try:
        with open(path, "rb") as file:
            body = file.read()
    except IsADirectoryError:
        return True
    except OSError:
        return False
    return len(body) == size and digest in (None, hashlib.sha256(body).hexdigest())
