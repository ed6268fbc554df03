"""Installs a package in a minimal system, uses it as root and as a user, and removes it.

    python3 Tests/Package/minimal.py ROOT PACKAGE
"""

import hashlib
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading

BLOB = b"package " * 4000
USER = 4711


class Files(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(BLOB)))
        self.end_headers()
        self.wfile.write(BLOB)

    def log_message(self, *_):
        pass


class System:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")
        subprocess.run(["mount", "-t", "proc", "proc", self.root / "proc"], check=True)

    def run(self, *words, user=0, home="/root", codes=(0,), **variables):
        """What it says; the exit code has to be one of these."""
        proxies = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        result = subprocess.run(
            ["chroot", f"--userspec={user}:{user}", self.root, *words], capture_output=True, text=True, timeout=600,
            stdin=subprocess.DEVNULL,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": home, "LANG": "C.UTF-8", "TERM": "xterm",
                 "DEBIAN_FRONTEND": "noninteractive", **(proxies if words[0] == "apt-get" else {}), **variables})
        said = result.stdout + result.stderr
        assert result.returncode in codes, f"{' '.join(words)}: {result.returncode} {said[-600:]}"
        return said

    def names(self):
        """What speaks of cachescope outside of homes."""
        skipped = {str(self.root / name) for name in ("proc", "sys", "dev", "root", "home", "tmp")}
        found = set()
        for folder, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if os.path.join(folder, name) not in skipped]
            found |= {os.path.join(folder, name) for name in folders + files if "cachescope" in name}
        return found


def use(system, user, home, url):
    """The demo, a pull, a plan of GC and what it says of the host."""
    def run(*words, codes=(0,)):
        return system.run("cachescope", *words, user=user, home=home, codes=codes)

    demo = f"{home}/demo"
    run("demo", demo)
    pointers = system.root / home.lstrip("/") / "pointers"
    pointers.mkdir()
    (pointers / "blob.bin.fetch").write_text(
        json.dumps({"v": 1, "url": url, "sha256": hashlib.sha256(BLOB).hexdigest()}))
    cache = ["--cache", f"{demo}/cache"]
    os.chown(pointers, user, user)
    assert "1 fetched" in run("lnk", "pull", f"{home}/pointers", "--into", f"{home}/target", *cache)
    assert (system.root / home.lstrip("/") / "target/blob.bin").read_bytes() == BLOB
    plan = json.loads(run("gc", "--high", "10M", "--json", *cache))["plan"]
    assert plan["steps"] and plan["frees"] > 0, plan
    assert "nothing is missing" in run("doctor", "--self"), "the package lacks a dependency"
    picture = run("inspect", "--script", "2", "--size", "80x24", *cache)
    assert "espressif" in picture, picture


def miss_a_library(system):
    library = next((system.root / "usr/lib").glob("*/libarchive.so.13"))
    aside = library.with_suffix(".aside")
    library.rename(aside)
    said = system.run("cachescope", "doctor", "--self", codes=(1,))
    assert "apt-get install libarchive13" in said, said
    aside.rename(library)


def main(root, package):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/blob.bin"
    system = System(root)
    before = system.names()
    shutil.copy(package, system.root / "tmp/cachescope.deb")
    system.run("apt-get", "update", "--quiet")
    system.run("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "/tmp/cachescope.deb")
    home = system.root / f"home/user{USER}"
    home.mkdir(parents=True)
    os.chown(home, USER, USER)
    use(system, 0, "/root", url)
    use(system, USER, f"/home/user{USER}", url)
    miss_a_library(system)
    assert not list((system.root / "usr").glob("**/libswift*")), "Swift is here"
    for page in ("man1/cachescope.1.gz", "man7/cachescope-keys.7.gz"):
        # A minimal system leaves manual pages out of what it installs.
        assert page.split("/")[1] in system.run("dpkg", "-L", "cachescope"), page
    system.run("bash", "-n", "/usr/share/bash-completion/completions/cachescope")
    print("installed: " + system.run("dpkg-query", "-W", "cachescope").strip())
    system.run("apt-get", "purge", "--yes", "--quiet", "cachescope")
    left = system.names() - before
    assert not left, f"left over: {sorted(left)}"
    print("used as root and as a user, and removed without a trace")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
