"""What all cases need: a folder that is cleaned up, mounts, a server, and the program."""

import hashlib
import http.server
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time
import zipfile


class NotHere(Exception):
    """This kernel, or this machine, cannot mount it."""


def sha(data):
    return hashlib.sha256(data).hexdigest()


def noise(count, seed=1):
    out = b""
    while len(out) < count:
        out += hashlib.sha256(f"{seed}-{len(out)}".encode()).digest()
    return out[:count]


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


class Server:
    """Serves bytes by name, and counts the requests."""

    def __init__(self):
        self.files, self.gets = {}, 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.gets += 1
                data = outer.files.get(self.path)
                self.send_response(200 if data is not None else 404)
                data = data or b""
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, name, data):
        self.files["/" + name] = data
        return f"http://127.0.0.1:{self.server.server_port}/{name}"


class Lab:
    """One case: a folder, its mounts, one state folder, one project."""

    def __init__(self, binary, server):
        self.binary, self.server = binary, server
        self.root = tempfile.mkdtemp(prefix="cachescope-fs-")
        self.mounts, self.children, self.loops = [], [], []
        for name in ("home", "state", "project", "tmp"):
            os.mkdir(self.path(name))

    def path(self, *names):
        return os.path.join(self.root, *names)

    def folder(self, *names):
        os.makedirs(self.path(*names), exist_ok=True)
        return self.path(*names)

    # Mounts

    def tool(self, *command, needs=None):
        program = needs or command[0]
        if shutil.which(program) is None:
            raise NotHere(f"{program} is not installed")
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise NotHere(f"{' '.join(command[:3])} …: {done.stderr.strip().splitlines()[-1:]}")

    def mount(self, point, *arguments):
        os.makedirs(point, exist_ok=True)
        self.tool("mount", *arguments, point)
        self.mounts.append(point)
        return point

    def program(self, point, *command):
        """A mount that a FUSE program makes."""
        if not os.path.exists("/dev/fuse"):
            raise NotHere("there is no /dev/fuse")
        os.makedirs(point, exist_ok=True)
        self.tool(*command)
        for _ in range(200):
            if os.path.ismount(point):
                self.mounts.append(point)
                return point
            time.sleep(0.02)
        raise NotHere(f"{command[0]} mounted nothing")

    def unmount(self, point):
        self.mounts.remove(point)
        for _ in range(100):
            if subprocess.run(["umount", point], capture_output=True).returncode == 0:
                return
            time.sleep(0.05)
        subprocess.run(["umount", "-l", point], capture_output=True)

    def image(self, name, megabytes, *make):
        path = self.path(name)
        with open(path, "wb") as file:
            file.truncate(megabytes << 20)
        self.tool(*make, path)
        return path

    def loop(self, image):
        """A block device with the content of a file."""
        done = subprocess.run(
            ["losetup", "--find", "--show", image], capture_output=True, text=True)
        if done.returncode != 0:
            raise NotHere(f"no loop device: {done.stderr.strip()}")
        self.loops.append(done.stdout.strip())
        return self.loops[-1]

    def close(self):
        for child in self.children:
            child.terminate()
            child.wait()
        for point in list(reversed(self.mounts)):
            self.unmount(point)
        for device in self.loops:
            subprocess.run(["losetup", "--detach", device], capture_output=True)
        shutil.rmtree(self.root, ignore_errors=True)

    # The program

    def run(self, *arguments, prefix=()):
        environment = {
            "PATH": os.environ["PATH"], "HOME": self.path("home"), "TMPDIR": self.path("tmp"),
            "XDG_STATE_HOME": self.path("state"), "XDG_CONFIG_HOME": self.path("home"),
            "LC_ALL": "C.UTF-8",
        }
        done = subprocess.run(
            [*prefix, self.binary, *arguments], env=environment, capture_output=True, text=True,
            timeout=120, stdin=subprocess.DEVNULL)
        assert 0 <= done.returncode < 128, f"a signal: {done.returncode} {done.stderr}"
        return done

    def json(self, *arguments):
        done = self.run(*arguments, "--json")
        try:
            return done.returncode, json.loads(done.stdout)
        except ValueError:
            raise AssertionError(f"{arguments}: {done.returncode} {done.stdout} {done.stderr}")

    def pointer(self, name, data, extract=None, project="project"):
        body = {"v": 1, "url": self.server.url(f"{sha(data)[:8]}-{name}", data), "sha256": sha(data)}
        if extract:
            body["extract"] = extract
        with open(os.path.join(self.folder(project), name + ".fetch"), "w") as file:
            json.dump(body, file)
        return data

    def pull(self, cache, *more, project="project"):
        before = self.server.gets
        code, report = self.json(
            "lnk", "pull", self.path(project), "--cache", cache, *more)
        report["gets"] = self.server.gets - before
        return code, report

    def pulled(self, cache, *more, project="project", result=None):
        code, report = self.pull(cache, *more, project=project)
        assert code == 0, f"pull ended with {code}: {report}"
        if result:
            found = {link["result"] for link in report["links"]}
            assert found == {result}, f"{found} where {result} was due: {report}"
        return report

    def check(self, cache, *more):
        _, report = self.json("lnk", "check", self.path("project"), "--cache", cache, *more)
        return {os.path.basename(link["path"]): link for link in report["links"]}

    def states(self, cache, *more):
        return {link["state"] for link in self.check(cache, *more).values()}

    def is_warm(self, cache, blob):
        """True where a check reads no byte of the blob."""
        log = self.path("trace")
        done = self.run(
            "lnk", "check", self.path("project"), "--cache", cache,
            prefix=("strace", "-f", "-qq", "-o", log, "-e", "trace=pread64", "-P", blob))
        assert done.returncode == 0, done.stdout + done.stderr
        with open(log) as file:
            return "pread64" not in file.read()


def blobs(cache):
    """The files of a cache's blobs, with their bytes."""
    found = {}
    for folder, _, names in os.walk(os.path.join(cache, "archives")):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as file:
                    found[path] = file.read()
    return found


def only_blob(cache):
    (path,) = blobs(cache)
    return path


def damage(path):
    """Other bytes, of the same number, in the same file."""
    with open(path, "r+b") as file:
        data = file.read()
        file.seek(0)
        file.write(bytes(byte ^ 0x55 for byte in data))


def read(path):
    with open(path, "rb") as file:
        return file.read()


def quarantined(cache):
    folder = os.path.join(cache, "quarantine")
    if not os.path.isdir(folder):
        return []
    return sorted(n for n in os.listdir(folder) if not n.endswith(".reason"))


def add_dead_lease(cache):
    """A lease of a process that is gone, on every entry."""
    child = subprocess.Popen(["true"])
    child.wait()
    index = sqlite3.connect(os.path.join(cache, "index.sqlite"))
    now = int(time.time())
    index.execute(
        "INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)"
        " SELECT id, ?, ?, 1, ? FROM entries", (child.pid, str(now * 10**9), now))
    index.execute("UPDATE entries SET pinned = 1")
    index.commit()
    index.close()
