"""What fbuild makes of locks by their age, of broken packages and of leftovers; each function is one check."""

import json
import os
import pathlib
import signal
import time

from checks import check
from harness import World, until
from installs import Install, owner, owner_pid

STALE = "FBUILD_INSTALL_LOCK_STALE_SECS"


def held_by_nobody_known(world):
    """A lock, a minute old, of a process that runs and whose program nobody named: its folder."""
    with Install(world):
        folder, lines = until(lambda: owner(world), "an install lock")
    text = f"pid=1\npackage={lines['package']}\nversion={lines['version']}\n"
    (folder / "owner.txt").write_text(text)
    os.utime(folder, (time.time() - 60, time.time() - 60))
    return folder


@check("FBUILD_INSTALL_LOCK_STALE_SECS decides when real fbuild takes a lock, as host says",
       ("2.5.47",))
def lock_age(tools, version, blobs):
    with World(tools, version, blobs) as world:
        folder = held_by_nobody_known(world)
        for value, is_taken in [("0", False), ("soon", False), ("5", True)]:
            world.environment[STALE] = value
            lock, = world.report("host")["install_locks"]
            assert lock["fbuild"]["does"] == ("reclaims_now" if is_taken else "waits"), (value, lock)
            with Install(world) as install:
                if is_taken:
                    until(lambda: owner_pid(world) == install.pid, "an owner of its own", 5)
                else:
                    time.sleep(2)
                    assert "pid=1" in (folder / "owner.txt").read_text(), value


@check("a daemon's FBUILD_INSTALL_LOCK_STALE_SECS counts before that of the shell", ("2.5.47",))
def lock_age_of_daemon(tools, version, blobs):
    with World(tools, version, blobs) as world:
        world.cachescope("status")
        world.environment[STALE] = "900"
        with world.daemon() as daemon:
            world.environment[STALE] = "5"
            host = world.report("host")["host"]
            assert host["install_lock_stale_after"] == 900, host
            assert str(daemon.process.pid) in host["install_lock_stale_set_by"], host
        assert world.report("host")["host"]["install_lock_stale_after"] == 5


def asked(world):
    """What fbuild says that the project needs, through our own question."""
    found = world.report(
        "host", "--project", str(world.project), "--ask-fbuild", "--fbuild", world.fbuild_path())
    project, = found["projects"]
    return {package["name"]: package for package in project["packages"]}


@check("a package without its sentinel is never installed again, until doctor --fix takes it by name",
       ("2.5.47",))
def broken_package(tools, version, blobs):
    with World(tools, version, blobs) as world:
        (world.project / "platformio.ini").write_text(
            "[env:uno]\nplatform = atmelavr\nboard = uno\nframework = arduino\n")
        world.fbuild("lnk", "check")
        package = next(iter(asked(world).values()))
        assert package["status"] == "would-fetch" and package["entry_id"] is None, package
        folder = pathlib.Path(package["install_path"])
        (folder / "bin").mkdir(parents=True)
        (folder / "bin/gcc").write_text("half")
        assert asked(world)[package["name"]]["status"] == "would-fetch"
        name = str(folder.relative_to(world.cache))
        finding = next(f for f in json.loads(world.cachescope("doctor", "--json").stdout)["findings"]
                       if f["id"] == "package_incomplete")
        assert finding["where"]["ids"] == [name] and name in finding["fix"], finding
        fixed = json.loads(world.cachescope("doctor", "--fix", name, "--json").stdout)
        if not tools.proves_death:
            assert fixed["leftovers_removed"] == 0 and folder.exists(), fixed
            return "removes nothing: not the initial PID namespace"
        assert fixed["leftovers_removed"] == 1 and not folder.exists(), fixed
        with Install(world) as install:
            until(lambda: owner_pid(world) == install.pid, "an install that starts anew")


@check("doctor --fix takes no leftover while real fbuild runs, and all of them after", ("2.5.47",))
def leftovers(tools, version, blobs):
    if not tools.proves_death:
        return "skipped: not the initial PID namespace"
    with World(tools, version, blobs) as world:
        world.cachescope("status")
        staging = world.cache / "toolchains/tools/08e1/7.3.0_staging"
        staging.mkdir(parents=True)
        (staging / "gcc.tar.part").write_text("half")
        with world.daemon() as daemon:
            fixed = json.loads(world.cachescope("doctor", "--fix", "--json").stdout)
            assert fixed["leftovers_removed"] == 0 and staging.exists(), fixed
            assert any(str(daemon.process.pid) in kept["reason"] for kept in fixed["kept"]), fixed
        fixed = json.loads(world.cachescope("doctor", "--fix", "--json").stdout)
        assert fixed["leftovers_removed"] >= 1 and not staging.exists(), fixed


@check("leases --follow tells of a real install lock, of its dead owner, and of the next one",
       ("2.5.47",))
def follow(tools, version, blobs):
    with World(tools, version, blobs) as world:
        world.fbuild("lnk", "check")
        process = world.start("leases", "--follow", "--json")
        try:
            with Install(world) as first:
                came = event(process, "lock_came", "lock_held")
                assert came["lock"]["owner_pid"] == first.pid, came
            with Install(world) as second:
                # It is gone with the next owner, whose lock is another one.
                event(process, "lock_went")
                assert event(process, "lock_came")["lock"]["owner_pid"] == second.pid
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == -signal.SIGINT
        finally:
            process.kill()
            process.communicate()


def event(process, *kinds):
    """The next event of one of the kinds."""
    for line in process.stdout:
        found = json.loads(line)
        if found["event"] in kinds:
            return found
    raise AssertionError(f"it ended without {kinds}: {process.stderr.read()}")
