"""attack.py BINARY ROUNDS: nobody swaps links in its cache while root works there.

Each round runs the program as root on a cache of uid 65534, whose process swaps folders and files for links
into a folder of root's. Nothing in that folder may be written, removed or given away. Needs root: else 77.
"""
import hashlib, http.server, json, os, random, shutil, signal, subprocess, sys, tempfile, threading

NOBODY = 65534
BLOB = b"attack " * 3000
NAMES = ["archives", "archives/lnk-blobs", "staging", ".guard", "quarantine", ".cachescope.lock",
         "index.sqlite-wal", "index.sqlite-shm", "index.sqlite-journal"]


class Files(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(BLOB)))
        self.end_headers()
        self.wfile.write(BLOB)

    def log_message(self, *_):
        pass


def give(path):
    os.lchown(path, NOBODY, NOBODY)
    for folder, folders, files in os.walk(path):
        for name in folders + files:
            os.lchown(os.path.join(folder, name), NOBODY, NOBODY)


def picture(folder):
    found = {}
    for place, folders, files in os.walk(folder):
        for name in [""] + folders + files:
            path = os.path.join(place, name)
            status = os.lstat(path)
            content = open(path, "rb").read() if os.path.isfile(path) else b""
            found[path] = (status.st_uid, status.st_gid, status.st_mode, status.st_ino, content)
    return found


def make_victim(folder):
    """What a link of the attacker leads to: files of root's under the names that are written."""
    os.makedirs(os.path.join(folder, "d"))
    os.makedirs(os.path.join(folder, "lnk-blobs"))
    for name in ["blob.bin", "index.sqlite", ".keep", "file", "x"]:
        with open(os.path.join(folder, name), "w") as file:
            file.write("of root")
    return folder


def swap(path, victim, seconds):
    """Puts a link in the place of what is there, and that back."""
    aside = path + ".aside"
    there = os.path.lexists(path)
    leads = os.path.join(victim, "file") if os.path.isfile(path) or "." in os.path.basename(path) else victim
    try:
        if there:
            os.rename(path, aside)
        os.symlink(leads, path)
        end = random.random() * seconds
        signal.sigtimedwait([], end)
        if os.path.islink(path):
            os.unlink(path)
        if there:
            os.rename(aside, path)
    except OSError:
        if there and not os.path.lexists(path) and os.path.lexists(aside):
            os.rename(aside, path)


def attacker(cache, target, victim):
    child = os.fork()
    if child:
        return child
    try:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        while True:
            staged = [name for name in os.listdir(cache) if name.startswith(".index.sqlite.bak")]
            for name in staged:
                swap(os.path.join(cache, name), victim, 0.001)
            name = random.choice(NAMES + ["target"] * 3)
            swap(target if name == "target" else os.path.join(cache, name), victim, 0.004)
    except BaseException:
        pass
    os._exit(0)


def round_(binary, template, url, number):
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        victim = make_victim(os.path.join(place, "victim"))
        home = os.path.join(place, "home")
        os.mkdir(home, 0o700)
        user = os.path.join(place, "user")
        cache, target = os.path.join(user, "cache"), os.path.join(user, "target")
        shutil.copytree(template, cache, symlinks=True)
        os.mkdir(target)
        os.mkdir(os.path.join(place, "project"))
        with open(os.path.join(place, "project", "blob.bin.fetch"), "w") as pointer:
            json.dump({"v": 1, "url": url, "sha256": hashlib.sha256(BLOB).hexdigest()}, pointer)
        give(user)
        before = picture(victim)
        child = attacker(cache, target, victim)
        variables = dict(os.environ, HOME=home, XDG_STATE_HOME=home)
        project = os.path.join(place, "project")
        verbs = [["migrate"], ["lnk", "pull", project], ["lnk", "pull", project, "--into", target],
                 ["doctor", "--fix"], ["pin", "1"]]
        codes = []
        for verb in verbs:
            run = subprocess.run([binary] + verb + ["--cache", cache], env=variables, cwd=place,
                                 capture_output=True, timeout=120)
            codes.append(run.returncode)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        after = picture(victim)
        changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
        foreign = []
        for folder, folders, files in os.walk(user):
            for name in folders + files:
                path = os.path.join(folder, name)
                if os.lstat(path).st_uid != NOBODY:
                    foreign.append(path)
        for path in changed:
            print("round %d changed %s" % (number, path))
        for path in foreign:
            print("round %d left root's %s" % (number, path))
        if any(code < 0 or code > 100 for code in codes):
            print("round %d ended with %s" % (number, codes))
            return False
        return not changed and not foreign


def main(binary, rounds):
    if os.geteuid() != 0:
        print("only root can be attacked here")
        return 77
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = "http://127.0.0.1:%d/blob.bin" % server.server_port
    with tempfile.TemporaryDirectory() as folder:
        demo = os.path.join(folder, "demo")
        subprocess.run([binary, "demo", demo], check=True, capture_output=True,
                       env=dict(os.environ, HOME=folder, XDG_STATE_HOME=folder))
        template = os.path.join(demo, "legacy-cache")
        results = [round_(binary, template, url, number) for number in range(rounds)]
    print("%d rounds, %d of them with a fault" % (rounds, results.count(False)))
    return 0 if all(results) else 1


sys.exit(main(os.path.abspath(sys.argv[1]), int(sys.argv[2])))
