"""The measures of pointers and blobs, each with its peer and its requirement."""

import contextlib
import os
import shlex
import shutil
import time

import linkdata
import space
from fetchers import Download, Many, lfs_check, remove_any
from measure import peak, processor_seconds, race
from server import WebServer, program

ROUNDS = 7
# What must be free: fbuild holds a blob twice in memory, beside the two on the tmpfs.
TMPFS_BYTES, MEMORY_BYTES, DISK_BYTES = 3 << 30, 6 << 30, 5 << 30


class LinkBench:
    """Starts its web server and makes its folders when the first measure asks for them."""

    def __init__(self, bench):
        self.bench, self.report, self.folder = bench, bench.report, bench.folder
        self.stack = contextlib.ExitStack()
        self.opened = {}

    def __enter__(self):
        return self

    def __exit__(self, *details):
        return self.stack.__exit__(*details)

    def once(self, name, make):
        if name not in self.opened:
            self.opened[name] = self.stack.enter_context(make())
        return self.opened[name]

    @property
    def disk(self):
        return self.once("disk", lambda: space.on_disk(self.folder))

    @property
    def tmpfs(self):
        place = self.once("tmpfs", lambda: space.on_tmpfs(self.folder))
        if place is None:
            self.report.skip("no tmpfs at /dev/shm, and only root may mount one")
        elif space.free_bytes(place) < TMPFS_BYTES or space.free_memory() < MEMORY_BYTES:
            self.report.skip("the tmpfs needs 3 GiB, and the memory 6 GiB, that are free")
        else:
            return place
        return None

    @property
    def server(self):
        nginx = program(self.folder)
        if nginx is None:
            self.report.skip("nginx cannot be had here")
        elif "server" not in self.opened and space.free_bytes(self.folder) < DISK_BYTES:
            self.report.skip("the disk needs 5 GiB that are free")
        else:
            try:
                return self.once("server", lambda: WebServer(nginx, linkdata.served(self.folder)))
            except (OSError, RuntimeError) as error:
                self.report.skip(f"nginx does not run: {error}")
        return None

    # Contestants

    def ours(self, verb, project, root, *options):
        return [self.bench.binary, "lnk", verb, str(project), "--cache", str(root), *options]

    def fbuild(self, verb, project, root):
        """The command behind `env`, which names the cache; nothing where there is no fbuild."""
        if not self.bench.fbuild:
            return None
        return ["env", f"FBUILD_CACHE_DIR={root}", self.bench.fbuild, "lnk", verb, str(project)]

    def timed(self, command, remove=(), folder=None):
        """A run of a command on a clean place, with nothing of an earlier one left to be written."""
        def run():
            self.clear(remove, folder)
            return self.bench.run(command)()
        return run

    def clear(self, remove, folder=None):
        for path in remove:
            remove_any(path)
        if folder:
            folder.mkdir()
        os.sync()

    def race(self, commands, rounds=ROUNDS):
        """Measures each command that there is: {name: (command, what to remove before it)}."""
        contestants = {}
        for name, (command, *rest) in commands.items():
            if command is None or not shutil.which(command[0]):
                self.report.skip(f"no {name} here")
            else:
                contestants[name] = self.timed(command, *rest)
        samples = race(contestants, rounds)
        self.bench.show(samples, "ms")
        return samples

    def judge(self, samples, limits):
        for peer, limit in limits.items():
            if peer in samples:
                self.bench.judge_ratio(samples, peer, limit)

    def memory(self, command, limit, remove=()):
        self.clear(remove)
        kilobytes = peak(command, self.bench.environment)
        self.report.judge("peak memory in MB", kilobytes / 1024, limit, "{:.1f}")

    def peer_memory(self, name, command, remove=()):
        if command is None:
            return
        self.clear(remove)
        kilobytes = peak(command, self.bench.environment)
        print(f"          peak memory of {name}: {kilobytes / 1024:.1f} MB", flush=True)

    def floor(self, fetch, hashed, folder=None):
        """What no program here can beat: the work of curl, nginx and openssl, on all processors."""
        if not shutil.which(fetch[0]) or not shutil.which("openssl"):
            return
        self.clear((), folder)
        work = self.server.processor_seconds(), processor_seconds(fetch, self.bench.environment)
        work = self.server.processor_seconds() - work[0] + work[1] + processor_seconds(
            ["openssl", "dgst", "-sha256", *map(str, hashed)], self.bench.environment)
        cores = len(os.sched_getaffinity(0))
        print(f"          work of curl, nginx and openssl dgst, on {cores} processors:"
              f" {work / cores * 1000:.2f} ms", flush=True)

    # Blobs that are there

    def cached(self):
        """A project with one pointer, and a cache on the disk that holds its 1 GiB."""
        if self.server is None:
            return None
        project, root = self.disk / "project", self.disk / "cache"
        if not project.exists():
            linkdata.project(project, self.server, [linkdata.blob(self.folder)])
            self.bench.run(self.ours("pull", project, root))()
            # A hash counts from 2 s after the last change of its file, as in git's index.
            time.sleep(2.5)
            self.bench.run(self.ours("check", project, root))()
        return project, root

    def pf1_and_pf2(self):
        self.report.head("PF1 PF2", "verify a blob of 1 GiB: `lnk check --deep`")
        if (cached := self.cached()) is None:
            return
        blob = str(linkdata.blob(self.folder))
        command = self.ours("check", *cached, "--deep")
        samples = self.race({
            "cachescope lnk check --deep": (command,),
            "openssl dgst -sha256": (["openssl", "dgst", "-sha256", blob],),
            "sha256sum": (["sha256sum", blob],),
            "fbuild lnk check": (self.fbuild("check", *cached),),
            "git lfs fsck": (lfs_check(self.disk / "lfs", blob, self.bench.run),),
        })
        self.judge(samples, {
            "openssl dgst -sha256": 1.05, "sha256sum": 0.33, "fbuild lnk check": 0.65,
            "git lfs fsck": 0.4})
        self.memory(command, 24)
        self.peer_memory("fbuild", self.fbuild("check", *cached))

    def pf3(self):
        for verb in ("pull", "check"):
            self.report.head("PF3", f"warm `lnk {verb}`, nothing changed, 1 GiB")
            if (cached := self.cached()) is None:
                return
            command = self.ours(verb, *cached)
            peer = f"fbuild lnk {verb}"
            samples = self.race({
                f"cachescope lnk {verb}": (command,), peer: (self.fbuild(verb, *cached),)})
            self.judge(samples, {peer: 0.03})
            self.memory(command, 24)
            self.peer_memory("fbuild", self.fbuild(verb, *cached))

    # Blobs that come

    def pf4(self):
        self.report.head("PF4", "cold verified download of 1 GiB to a tmpfs")
        if (place := self.tmpfs) is None or self.server is None:
            return
        download = self.download(place)
        samples = self.race({
            "cachescope lnk pull": download.ours,
            "curl": download.curl,
            "curl | tee | openssl": download.piped("openssl dgst -sha256"),
            "curl | tee | sha256sum": download.piped("sha256sum"),
            "fbuild lnk pull": download.fbuild,
        })
        self.judge(samples, {
            "curl": 1.15, "curl | tee | openssl": 0.6, "fbuild lnk pull": 0.25})
        self.floor(download.curl[0], [linkdata.blob(self.folder)])
        self.memory(*download.ours[:1], 64, download.ours[1])
        self.peer_memory("fbuild", *download.fbuild)
        self.clear(download.ours[1])

    def pf5(self):
        self.report.head("PF5", "the same to the disk")
        place = self.disk
        print(f"    the disk is {space.file_system(place)}", flush=True)
        if self.server is None:
            return
        download = self.download(place)
        samples = self.race({
            "cachescope lnk pull": download.ours,
            "curl": download.curl,
            "curl, then sync of the file": download.synced,
        })
        self.judge(samples, {"curl": 1.15, "curl, then sync of the file": 1.15})
        self.clear(download.ours[1])

    def download(self, place):
        project = linkdata.project(
            place / "cold-project", self.server, [linkdata.blob(self.folder)])
        return Download(self, project, place)

    def pf6(self):
        for place, where in ((self.tmpfs, "a tmpfs"), (self.disk, "the disk")):
            self.report.head(
                "PF6", f"{linkdata.SMALL_COUNT} blobs of 100 kB, 8 connections, to {where}")
            if place is None or self.server is None:
                continue
            many = Many(self, place)
            samples = self.race({
                "cachescope lnk pull --jobs 8": many.ours,
                "curl --parallel": many.curl,
                "curl --parallel, then sync": many.synced,
                "fbuild lnk pull": many.fbuild,
            })
            peer = "curl --parallel" if where == "a tmpfs" else "curl --parallel, then sync"
            self.judge(samples, {peer: 1.3, "fbuild lnk pull": 0.2})
            self.clear(many.ours[1])
            self.floor(many.curl[0], linkdata.small(self.folder), many.curl[2])
            self.clear(many.ours[1])

    # Blobs that are unpacked

    def pf12(self):
        self.unpack(
            "PF12", "a tar.gz of 256 MiB, half of it random",
            linkdata.large_archive(self.folder), {"bsdtar": 1.2, "tar": 0.45})

    def pf13(self):
        self.unpack(
            "PF13", "a tar.gz of 10,000 small files", linkdata.many_archive(self.folder),
            {"tar": 1.3})

    def unpack(self, identifier, sentence, archive, limits):
        self.report.head(
            identifier, f"{sentence}, unpacked on a tmpfs; the archive's hash included")
        if (place := self.tmpfs) is None or self.server is None:
            return
        project = linkdata.project(place / "archives", self.server, [archive], "tar.gz")
        root, target = place / "archive-cache", place / "unpacked"
        self.bench.run(self.ours("pull", project, root))()
        # Without its notes the blob is hashed before it is unpacked, as in a first pull.
        notes = os.path.join(self.bench.environment["XDG_STATE_HOME"], "cachescope/verified")
        command = self.ours("pull", project, root, "--into", str(target))
        into = ["-C", str(target), "-xf", str(archive)]
        hashed = f"openssl dgst -sha256 {shlex.quote(str(archive))} && "
        samples = self.race({
            "cachescope lnk pull --into": (command, [notes, target]),
            "bsdtar": (["bsdtar", *into], [target], target),
            "tar": (["tar", *into], [target], target),
            "openssl dgst, then bsdtar": (
                ["sh", "-c", f"{hashed}exec {shlex.join(['bsdtar', *into])}"], [target], target),
        })
        self.judge(samples, limits)
        self.memory(command, 64, [notes, target])
        for path in (project, root, target):
            remove_any(path)

    def pf18(self):
        self.report.head("PF18", "the pointers among 100,000 files: `lnk list`")
        tree, root = str(linkdata.tree(self.folder)), self.disk / "empty-cache"
        root.mkdir(exist_ok=True)
        samples = self.race({
            "cachescope lnk list": (self.ours("list", tree, root),),
            "find": (["find", tree, "-name", "*.lnk", "-o", "-name", "*.fetch"],),
        }, 15)
        self.judge(samples, {"find": 1.2})
