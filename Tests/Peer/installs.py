"""What an install lock does to real fbuild, and what removing one does; each function is one check."""

import json
import os
import pathlib
import shutil
import subprocess
import time

from checks import check
from harness import World, until

PROJECT = "[env:uno]\nplatform = atmelavr\nboard = uno\nframework = arduino\n"
# A port that refuses: fbuild takes its lock before it asks for anything, and tries again for minutes.
NO_NETWORK = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}


class Install:
    """A real `fbuild install`, which never gets a byte."""

    def __init__(self, world, cache=None):
        (world.project / "platformio.ini").write_text(PROJECT)
        variables = {"FBUILD_CACHE_DIR": str(cache)} if cache else {}
        self.process = world.start(
            "install", program=world.fbuild_path(), **NO_NETWORK, **variables)
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def owner(world):
    """The lock's folder and what its owner's file says."""
    for file in pathlib.Path(world.cache).glob("toolchains/*/*/.*.install.lock/owner.txt"):
        text = file.read_text()
        if "started_unix_nanos" in text:
            return file.parent, dict(line.split("=", 1) for line in text.splitlines())
    return None


def owner_pid(world):
    found = owner(world)
    return int(found[1]["pid"]) if found else None


def is_waiting(world, install):
    """True once it has looked for the lock often enough (it does four times a second)."""
    until(lambda: (pathlib.Path("/proc") / str(install.pid) / "fd").exists(), "a process")
    until(lambda: any(w["pid"] == install.pid for w in world.report("host")["waiting"]),
          "a process that host says waits")
    time.sleep(2)
    return install.process.poll() is None and owner_pid(world) != install.pid


@check("host names the owner of a real install lock as alive, and doctor leaves it", ("2.5.47",))
def living_owner(tools, version, blobs):
    with World(tools, version, blobs) as world, Install(world) as install:
        folder, lines = until(lambda: owner(world), "an install lock")
        assert lines["pid"] == str(install.pid), lines
        lock, = world.report("host")["install_locks"]
        assert lock["owner_pid"] == install.pid and lock["package"] == lines["package"], lock
        assert lock["verdict"] == ("alive" if tools.proves_death else "unknown"), lock
        assert lock["fbuild"]["does"] == "waits", lock
        world.cachescope("doctor", "--fix")
        assert (folder / "owner.txt").exists()


@check("fbuild reclaims the lock of a process that was killed, as host says it will", ("2.5.47",))
def killed_owner(tools, version, blobs):
    with World(tools, version, blobs) as world:
        with Install(world):
            until(lambda: owner(world), "an install lock")
        lock, = world.report("host")["install_locks"]
        assert lock["fbuild"]["does"] == "reclaims_now", lock
        if tools.proves_death:
            assert lock["verdict"] == "dead", lock
        with Install(world) as install:
            until(lambda: owner_pid(world) == install.pid, "an owner of its own")


@check("fbuild waits for a lock whose id is another fbuild's now, and no more after doctor --fix",
       ("2.5.47",))
def reused_owner(tools, version, blobs):
    if not tools.proves_death:
        return "skipped: not the initial PID namespace"
    with World(tools, version, blobs) as world:
        with Install(world):
            folder, lines = until(lambda: owner(world), "an install lock")
        # Another fbuild, of another cache, has the id of the one that is gone.
        with Install(world, cache=world.base / "elsewhere") as other:
            until(lambda: os.path.exists(world.base / "elsewhere/index.sqlite"), "the other one")
            lines["pid"] = str(other.pid)
            lines["started_unix_nanos"] = str(int((time.time() - 600) * 1e9))
            (folder / "owner.txt").write_text(
                "".join(f"{key}={value}\n" for key, value in lines.items()))
            with Install(world) as install:
                assert is_waiting(world, install), "it did not wait"
                lock, = world.report("host")["install_locks"]
                assert lock["verdict"] == "reused" and lock["fbuild"]["does"] == "waits", lock
                world.cachescope("doctor", "--fix")
                until(lambda: owner_pid(world) == install.pid, "an owner of its own", 5)


@check("fbuild waits for an empty lock for half a minute, as host says, and doctor leaves it so long",
       ("2.5.47",))
def nameless_owner(tools, version, blobs):
    with World(tools, version, blobs) as world:
        with Install(world):
            folder, _ = until(lambda: owner(world), "an install lock")
        (folder / "owner.txt").unlink()
        with Install(world) as install:
            time.sleep(2)
            lock, = world.report("host")["install_locks"]
            assert lock["fbuild"]["does"] == "reclaims_in" and lock["verdict"] == "unknown", lock
            # Nobody but time tells an owner that is about to name itself from one that is gone.
            world.cachescope("doctor", "--fix")
            assert folder.exists() and not (folder / "owner.txt").exists()
            os.utime(folder, (time.time() - 60, time.time() - 60))
            until(lambda: owner_pid(world) == install.pid, "an owner of its own", 5)


@check("host finds a real daemon by its process, whatever home it has, and says what it does",
       ("2.5.47",))
def daemon_state(tools, version, blobs):
    with World(tools, version, blobs) as world:
        world.cachescope("status")
        with world.daemon() as daemon:
            other = {"HOME": str(world.base / "tmp")}
            found, = json.loads(world.cachescope("host", "--json", **other).stdout)["daemons"]
            assert found["pid"] == daemon.process.pid and found["port"] == daemon.port, found
            assert found["version"] == version and found["mode"] == "prod", found
            assert found["daemon_state"] == "idle" and found["asked"], found
            assert found["holds_owner_lock"] and found["ends_after_idle"] == 30, found
            assert 50 <= found["next_gc_at"] - found["started_at"] <= 61, found
            caches = world.report("host")["compile_caches"]
            assert [c["writers"] for c in caches] == [[f"fbuild-daemon {daemon.process.pid}"]], caches
            # Never asked, and found all the same.
            quiet, = json.loads(world.cachescope("host", "--json", "--offline").stdout)["daemons"]
            assert not quiet["asked"] and quiet["port"] == daemon.port, quiet
        assert world.report("host")["daemons"] == []


@check("host --disk adds up what du does, after a real pull and a real daemon", ("2.5.47",))
def disk(tools, version, blobs):
    with World(tools, version, blobs) as world:
        world.pull()
        with world.daemon():
            pass
        report = world.report("host", "--disk")
        # zccache lies below HOME, and belongs to the cache that the environment names.
        roots = [str(world.cache)] + [
            folder["path"] for folder in report["folders"] if folder["path"].startswith("/")]
        wanted = subprocess.run(
            ["du", "-s", "--block-size=1", *roots], capture_output=True, text=True)
        sizes = [int(line.split()[0]) for line in wanted.stdout.splitlines()]
        assert report["total_bytes"] == sum(sizes), (report, wanted.stdout)
        owners = {folder["path"]: folder["removed_by"] for folder in report["folders"]}
        assert owners["archives"] == "gc", owners


@check("doctor names a package without its sentinel, which real fbuild takes for installed",
       ("2.5.47",))
def broken_package(tools, version, blobs):
    with World(tools, version, blobs) as world:
        with Install(world):
            folder, _ = until(lambda: owner(world), "an install lock")
        name = folder.name[1:-len(".install.lock")]
        shutil.rmtree(folder)
        (folder.parent / name / "bin").mkdir(parents=True)
        found = json.loads(world.cachescope("doctor", "--json").stdout)["findings"]
        broken = [f for f in found if f["id"] == "package_incomplete"]
        assert len(broken) == 1 and broken[0]["where"]["ids"][0].endswith(name), found
        with Install(world) as install:
            # It neither takes a lock for the package nor makes it whole.
            time.sleep(3)
            assert owner_pid(world) is None or name not in str(owner(world)[0]), owner(world)
            assert not (folder.parent / name / ".install_complete").exists()


@check("from inside a PID namespace nothing is proved of a real lock outside, and doctor leaves it",
       ("2.5.47",))
def from_a_namespace(tools, version, blobs):
    if os.geteuid() != 0:
        return "skipped: only root makes PID namespaces"
    with World(tools, version, blobs) as world, Install(world) as install:
        folder, _ = until(lambda: owner(world), "an install lock")
        world.prefix = ["unshare", "-pf", "--mount-proc", "--kill-child", "--"]
        report = world.report("host")
        lock, = report["install_locks"]
        assert lock["owner_pid"] == install.pid and lock["verdict"] == "unknown", lock
        # fbuild in there sees no such process, and would take the lock of a running install.
        assert lock["fbuild"]["does"] == "reclaims_now", lock
        assert not report["host"]["initial_pid_namespace"] and report["host"]["limits"], report["host"]
        world.cachescope("doctor", "--fix")
        assert (folder / "owner.txt").exists()
