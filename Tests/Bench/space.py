"""Folders to measure in: one on a tmpfs, one on the disk; both are removed at the end."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile

PREFIX = "cachescope-bench-"
SHARED_MEMORY = pathlib.Path("/dev/shm")


def file_system(path):
    """The type of the file system that holds the path."""
    path = os.path.realpath(path)
    best, kind = "", "unknown"
    with open("/proc/mounts") as mounts:
        for line in mounts:
            _, place, found, *_ = line.split()
            place = place.replace("\\040", " ")
            inside = path == place or path.startswith(place.rstrip("/") + "/")
            # The last one of several at the same place is the one on top.
            if inside and len(place) >= len(best):
                best, kind = place, found
    return kind


def free_bytes(path):
    state = os.statvfs(path)
    return state.f_bavail * state.f_frsize


def free_memory():
    with open("/proc/meminfo") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines
                    if line.startswith("MemAvailable"))


def sweep():
    """Removes what a killed run has left in shared memory."""
    for old in SHARED_MEMORY.glob(PREFIX + "*"):
        pid = old.name.removeprefix(PREFIX).split("-")[0]
        if pid.isdigit() and not os.path.exists(f"/proc/{pid}"):
            shutil.rmtree(old, ignore_errors=True)


@contextlib.contextmanager
def on_tmpfs(folder):
    """A folder on a tmpfs, or None where there is none to be had."""
    if file_system(SHARED_MEMORY) == "tmpfs" and os.access(SHARED_MEMORY, os.W_OK):
        sweep()
        place = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=SHARED_MEMORY)
        try:
            yield pathlib.Path(place)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        return
    place = pathlib.Path(folder).resolve() / "tmpfs"
    place.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=6g,mode=700", "cachescope-bench", str(place)]
    if os.getuid() != 0 or subprocess.run(mount, stderr=subprocess.DEVNULL).returncode != 0:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=False)


@contextlib.contextmanager
def on_disk(folder):
    place = pathlib.Path(folder).resolve() / "links"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
