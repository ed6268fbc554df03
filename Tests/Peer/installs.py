"""What an install lock does to real fbuild, and what removing one does; each function is one check."""

import os
import pathlib
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
