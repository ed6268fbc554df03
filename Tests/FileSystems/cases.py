"""T-M1 to T-M8 of the requirements, each with the kinds of file system that it is about."""

import os
import shutil
import signal
import sqlite3
import subprocess

from harness import (
    NotHere, add_dead_lease, blobs, damage, noise, only_blob, quarantined, read, zipped)

CASES = []


def case(name):
    def register(function):
        CASES.append((name, function))
        return function
    return register


def tree(lab, *names):
    return {n: read(lab.path(*names, n)) for n in sorted(os.listdir(lab.path(*names)))}


# T-M1: overlay


@case("T-M1 overlay, the cache in the lower layer, the upper one on tmpfs")
def overlay(lab):
    data = lab.pointer("a.bin", noise(3000))
    lab.pointer("b.zip", zipped({"one": b"1", "two": b"2"}), "zip")
    base = lab.mount(lab.path("base"), "-t", "tmpfs", "tmpfs")
    for name in ("lower", "upper", "work"):
        os.mkdir(os.path.join(base, name))
    lower = os.path.join(base, "lower")
    lab.pulled(f"{lower}/cache", "--into", f"{lower}/out", result="fetched")
    point = lab.path("merged")
    options = f"lowerdir={lower},upperdir={base}/upper,workdir={base}/work"

    def mount():
        lab.mount(point, "-t", "overlay", "-o", options, "overlay")

    mount()
    cache, blob = f"{point}/cache", None
    for path, found in blobs(cache).items():
        blob = path if found == data else blob
    assert lab.states(cache) == {"cached"}
    assert lab.is_warm(cache, blob), "a second check reads again"
    os.utime(f"{point}/out/a.bin")
    assert lab.is_warm(cache, blob), "a copy-up of something else makes it read again"
    lab.unmount(point)
    mount()
    assert lab.is_warm(cache, blob), "a remount makes it read again"
    report = lab.pulled(cache, "--into", f"{point}/out", result="hit")
    assert report["gets"] == 0
    assert read(f"{point}/out/a.bin") == data and read(f"{point}/out/b.zip/two") == b"2"
    lab.pulled(cache, "--into", f"{point}/out", result="hit")
    assert sorted(os.listdir(f"{point}/out")) == ["a.bin", "b.zip"], os.listdir(f"{point}/out")
    damage(blob)
    assert "corrupt" in lab.states(cache)
    lab.pulled(cache)
    assert len(quarantined(cache)) == 1 and lab.states(cache) == {"cached"}


# T-M2: parts of a cache on other mounts


def part_elsewhere(lab, cache, part, mount):
    data = lab.pointer("a.bin", noise(3000))
    os.makedirs(f"{cache}/{part}")
    mount(f"{cache}/{part}")
    lab.pulled(cache, "--into", lab.path("out"), result="fetched")
    lab.pulled(cache, "--into", lab.path("out"), result="hit")
    blob = next(p for p, b in blobs(cache).items() if b == data)
    damage(blob)
    wrong = read(blob)
    report = lab.pulled(cache, result="fetched")
    assert report["gets"] == 1 and read(blob) == data
    (kept,) = quarantined(cache)
    assert read(f"{cache}/quarantine/{kept}") == wrong, "the bad blob is lost"
    os.unlink(blob)
    os.mkdir(blob)
    with open(f"{blob}/inside", "w") as file:
        file.write("kept")
    lab.pulled(cache, result="fetched")
    assert read(blob) == data
    found = subprocess.run(
        ["find", cache, "-name", "inside"], capture_output=True, text=True).stdout.split()
    assert len(found) == 1, "what was in the folder is lost"


for PART in ("archives", "staging", "quarantine", "installed"):
    @case(f"T-M2 {PART} as a bind mount of the same file system")
    def bound(lab, part=PART):
        def mount(point):
            lab.mount(point, "--bind", lab.folder("volume"))
        part_elsewhere(lab, lab.folder("cache"), part, mount)

    @case(f"T-M2 {PART} on another file system")
    def other(lab, part=PART):
        def mount(point):
            lab.mount(point, "-t", "tmpfs", "tmpfs")
        part_elsewhere(lab, lab.folder("cache"), part, mount)

    @case(f"T-M2 {PART} as a subvolume of btrfs")
    def subvolume(lab, part=PART):
        image = lab.image("btrfs", 128, "mkfs.btrfs", "-q")
        disk = lab.mount(lab.path("disk"), "-o", "loop", image)

        def mount(point):
            os.rmdir(point)
            lab.tool("btrfs", "subvolume", "create", point)
        part_elsewhere(lab, os.path.join(disk, "cache"), part, mount)


# T-M3: two images of one cache


def ext4_image(lab, name, source):
    return lab.image(
        name, 16, "mke2fs", "-q", "-t", "ext4", "-d", source, "-U",
        "11111111-2222-3333-4444-555555555555")


def squashfs_image(lab, name, source):
    path = lab.path(name)
    lab.tool("mksquashfs", source, path, "-quiet", "-no-progress")
    return path


def erofs_image(lab, name, source):
    path = lab.path(name)
    lab.tool("mkfs.erofs", "--quiet", "-U", "11111111-2222-3333-4444-555555555555", path, source)
    return path


def two_images(lab, make, options):
    data = lab.pointer("a.bin", noise(3000))
    source = lab.path("source")
    lab.pulled(f"{source}/cache", result="fetched")
    blob = only_blob(f"{source}/cache")
    os.utime(blob, (1_700_000_000, 1_700_000_000))
    images = {"sound": make(lab, "sound.img", source)}
    damage(blob)
    os.utime(blob, (1_700_000_000, 1_700_000_000))
    images["damaged"] = make(lab, "damaged.img", source)
    point = lab.path("image")
    cache = f"{point}/cache"
    # The rows name the files by the folder that the image was made of.
    os.rename(source, lab.path("away"))
    os.symlink(point, source)
    rows = f"{source}/cache"
    for name in ("sound", "damaged", "sound", "damaged", "sound"):
        lab.mount(point, "-o", options, images[name])
        for verdict in (lab.states(rows), lab.states(rows, "--deep"), lab.states(cache)):
            due = "cached" if name == "sound" else "corrupt"
            assert verdict == {due}, f"{verdict} where the image is {name}"
        out = lab.path("out")
        shutil.rmtree(out, ignore_errors=True)
        code, report = lab.pull(rows, "--into", out)
        if name == "sound":
            assert code == 0 and report["links"][0]["result"] == "hit", report
        if code == 0:
            assert read(f"{out}/a.bin") == data, "wrong bytes were placed"
        if name == "sound":
            assert quarantined(cache) == [], "a sound blob was moved away"
        lab.unmount(point)
        if "loop" in options and "ro" not in options.split(","):
            # A pull has mended it: the next round begins with the same image.
            if name == "damaged":
                os.rename(lab.path("away"), lab.path("again"))
                images["damaged"] = make(lab, "damaged2.img", lab.path("again"))
                os.rename(lab.path("again"), lab.path("away"))


@case("T-M3 two ext4 images of mke2fs, one after the other")
def images_ext4(lab):
    two_images(lab, ext4_image, "loop")


@case("T-M3 two ext4 images of mke2fs, mounted read-only")
def images_ext4_read_only(lab):
    two_images(lab, ext4_image, "loop,ro")


@case("T-M3 two squashfs images, one after the other")
def images_squashfs(lab):
    two_images(lab, squashfs_image, "loop,ro")


@case("T-M3 two erofs images, one after the other")
def images_erofs(lab):
    two_images(lab, erofs_image, "loop,ro")


# T-M4: read-only


def read_only(lab, mount, kind):
    data = lab.pointer("a.bin", noise(3000))
    lab.pointer("b.zip", zipped({"one": b"1"}), "zip")
    source = lab.path("source")
    lab.pulled(f"{source}/cache", result="fetched")
    lab.pointer("c.bin", noise(10, seed=9))
    add_dead_lease(f"{source}/cache")
    # A writer that is still at it: its commits are in the WAL alone.
    writer = sqlite3.connect(f"{source}/cache/index.sqlite")
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("PRAGMA wal_autocheckpoint=0")
    writer.execute("UPDATE entries SET use_count = 77")
    writer.commit()
    point = mount(lab, source)
    cache = f"{point}/cache"
    code, status = lab.json("status", "--cache", cache)
    assert status["read_only"] is True and status["counts"]["entries"] == 2, status
    assert status["file_system"] == kind or kind is None, status["file_system"]
    text = lab.run("status", "--cache", cache).stdout
    assert "read-only" in text.splitlines()[0], text
    _, entries = lab.json("entries", "--cache", cache)
    assert {e["use_count"] for e in entries["entries"]} == {77}, "the WAL was not read"
    _, doctor = lab.json("doctor", "--cache", cache)
    assert not any(f["fix"] for f in doctor["findings"]), doctor
    assert not any(f["id"].startswith("over_budget") for f in doctor["findings"]), doctor
    assert any(f["id"] == "read_only" for f in doctor["findings"]), doctor
    _, report = lab.json("gc", "--archive-budget", "0", "--high", "0", "--cache", cache)
    plan = report["plan"]
    assert "unable to open database file" in plan["real_error"] and not plan["steps"], plan
    before = lab.server.gets
    code, report = lab.pull(cache, "--into", lab.path("out"))
    found = {os.path.basename(l["path"]): l for l in report["links"]}
    assert found["a.bin.fetch"]["result"] == found["b.zip.fetch"]["result"] == "hit", found
    assert found["c.bin.fetch"]["error"]["code"] == "read_only" and code == 7, (code, found)
    assert lab.server.gets == before
    assert read(lab.path("out", "a.bin")) == data and read(lab.path("out", "b.zip", "one")) == b"1"
    writer.close()


@case("T-M4 squashfs")
def read_only_squashfs(lab):
    def mount(lab, source):
        return lab.mount(
            lab.path("image"), "-o", "loop,ro", squashfs_image(lab, "image.sq", source))
    read_only(lab, mount, "squashfs")


@case("T-M4 erofs")
def read_only_erofs(lab):
    def mount(lab, source):
        return lab.mount(
            lab.path("image"), "-t", "erofs", "-o", "loop,ro",
            erofs_image(lab, "image.ero", source))
    read_only(lab, mount, "erofs")


@case("T-M4 read-only bind mount")
def read_only_bind(lab):
    def mount(lab, source):
        point = lab.mount(lab.path("view"), "--bind", source)
        lab.tool("mount", "-o", "remount,ro,bind", point)
        return point
    read_only(lab, mount, None)


# T-M5: FUSE


def fuse(lab, point, is_local, kind, has_links=True):
    data = lab.pointer("a.bin", noise(3000))
    lab.pointer("b.zip", zipped({"one": b"1"}), "zip")
    cache, out = f"{point}/cache", f"{point}/out"
    first = lab.pulled(cache, "--into", out, result="fetched")
    for _ in range(2):
        report = lab.pulled(cache, "--into", out, result="hit")
        assert report["gets"] == 0, "fetched again"
        assert read(f"{out}/a.bin") == data and read(f"{out}/b.zip/one") == b"1"
    assert sorted(os.listdir(out)) == ["a.bin", "b.zip"], os.listdir(out)
    if not has_links:
        assert any("symbolic links" in (l["problem"] or "") for l in first["links"]), first
    blob = next(p for p, b in blobs(cache).items() if b == data)
    assert lab.states(cache) == {"cached"}
    assert not lab.is_warm(cache, blob), "a note is believed on FUSE"
    add_dead_lease(cache)
    _, leases = lab.json("leases", "--cache", cache)
    verdicts = {l["verdict"] for l in leases["leases"]}
    assert verdicts == ({"dead"} if is_local else {"unknown"}), leases["leases"]
    _, status = lab.json("status", "--cache", cache)
    assert status["file_system"].startswith(kind), status["file_system"]
    damage(blob)
    lab.pulled(cache)
    assert len(quarantined(cache)) == 1 and read(blob) == data


@case("T-M5 bindfs")
def bindfs(lab):
    point = lab.program(
        lab.path("view"), "bindfs", lab.folder("behind"), lab.folder("view"))
    fuse(lab, point, True, "fuse")


@case("T-I10 a daemon of a cache on a mount that answers no more keeps nobody from another cache")
def dead_mount(lab):
    point = lab.program(
        lab.path("view"), "bindfs", lab.folder("behind"), lab.folder("view"))
    program = os.path.join(lab.folder("programs"), "fbuild-daemon")
    shutil.copy("/bin/sleep", program)
    cache = lab.path("cache")
    lab.pointer("site.bin", noise(4096))
    lab.pulled(cache)
    mounted = next(int(pid) for pid in os.listdir("/proc") if pid.isdigit() and is_bindfs(pid, point))
    daemon = subprocess.Popen([program, "600"], env={"FBUILD_CACHE_DIR": f"{point}/cache", "HOME": point})
    os.kill(mounted, signal.SIGSTOP)
    try:
        for verb in (["status"], ["doctor"], ["host"], ["gc"], ["leases"]):
            result = lab.run(*verb, "--cache", cache, prefix=("timeout", "-s", "KILL", "30"))
            assert result.returncode in (0, 1), (verb, result.returncode, result.stderr)
    finally:
        os.kill(mounted, signal.SIGCONT)
        daemon.kill()
        daemon.wait()


def is_bindfs(pid, point):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
    except OSError:
        return False
    return words[0].endswith(b"bindfs") and point.encode() in words


@case("T-M5 fuse-overlayfs")
def fuse_overlayfs(lab):
    options = "lowerdir={},upperdir={},workdir={}".format(
        *(lab.folder(n) for n in ("lower", "upper", "work")))
    point = lab.program(
        lab.path("view"), "fuse-overlayfs", "-o", options, lab.folder("view"))
    fuse(lab, point, True, "fuse")


@case("T-M5 ntfs-3g")
def ntfs(lab):
    image = lab.path("disk")
    with open(image, "wb") as file:
        file.truncate(32 << 20)
    lab.tool("mkntfs", "-q", "-F", image)
    point = lab.program(lab.path("view"), "ntfs-3g", image, lab.folder("view"))
    fuse(lab, point, True, "fuse")


@case("T-M5 exfat, which has no symbolic links")
def exfat(lab):
    device = lab.loop(lab.image("disk", 32, "mkfs.exfat"))
    point = lab.program(lab.path("view"), "mount.exfat-fuse", device, lab.folder("view"))
    fuse(lab, point, True, "fuse", has_links=False)


@case("T-M5 sshfs to this host")
def sshfs(lab):
    for program in ("sshfs", "/usr/sbin/sshd", "ssh-keygen"):
        if shutil.which(program) is None:
            raise NotHere(f"{program} is not installed")
    keys, port = lab.folder("keys"), 20000 + os.getpid() % 20000
    for name in ("host", "user"):
        lab.tool("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{keys}/{name}")
    shutil.copy(f"{keys}/user.pub", f"{keys}/allowed")
    os.makedirs("/run/sshd", exist_ok=True)
    server = subprocess.Popen(
        ["/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", "-h", f"{keys}/host", "-p", str(port),
         "-o", "ListenAddress=127.0.0.1", "-o", f"AuthorizedKeysFile={keys}/allowed",
         "-o", "StrictModes=no", "-o", "PermitRootLogin=yes", "-o", "UsePAM=no",
         "-o", "Subsystem=sftp internal-sftp", "-o", "PidFile=none"],
        stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    lab.children.append(server)
    user = os.environ.get("USER") or "root"
    options = (
        f"port={port},IdentityFile={keys}/user,StrictHostKeyChecking=no,"
        f"UserKnownHostsFile=/dev/null,reconnect,BatchMode=yes")
    behind, point = lab.folder("behind"), lab.folder("view")
    for attempt in range(20):
        try:
            lab.program(point, "sshfs", f"{user}@127.0.0.1:{behind}", point, "-o", options)
            break
        except NotHere:
            if attempt == 19:
                raise
            subprocess.run(["sleep", "0.1"])
    fuse(lab, point, False, "fuse.sshfs")


# T-M6: names


def two_names(lab, cache, alias):
    lab.pointer("a.bin", noise(3000))
    lab.pulled(cache, result="fetched")

    def rows():
        index = sqlite3.connect(os.path.join(cache, "index.sqlite"))
        found = index.execute("SELECT archive_path, archived_at FROM entries").fetchall()
        index.close()
        return found
    before = rows()
    _, doctor = lab.json("doctor", "--cache", alias)
    assert not [f for f in doctor["findings"] if f["severity"] != "info"], doctor["findings"]
    done = lab.run("verify", "--cache", alias)
    assert done.returncode == 0 and "1 of 1" in done.stdout, done.stdout
    report = lab.pulled(alias, result="hit")
    assert report["gets"] == 0 and rows() == before, "the row was rewritten"
    assert lab.states(alias) == {"cached"}
    assert not [l for l in lab.check(alias).values() if l["problem"]]
    # A wrong blob is put away by its other name, too.
    damage(only_blob(cache))
    lab.pulled(alias, result="fetched")
    assert len(quarantined(cache)) == 1


@case("T-M6 one cache by two names: a bind mount")
def named_by_bind(lab):
    cache = lab.folder("real", "cache")
    alias = lab.mount(lab.path("alias"), "--bind", lab.path("real"))
    two_names(lab, cache, f"{alias}/cache")


@case("T-M6 one cache by two names: a linked home")
def named_by_link(lab):
    cache = lab.folder("real", "cache")
    os.symlink(lab.path("real"), lab.path("alias"))
    two_names(lab, cache, lab.path("alias", "cache"))


def case_twins(lab, target):
    lab.pointer("Name.bin", noise(100))
    lab.pointer("name.bin", noise(100, seed=2))
    code, report = lab.json(
        "lnk", "pull", lab.path("project"), "--cache", lab.path("cache"), "--into", target)
    assert code == 7 and report["error"]["code"] == "refused", report
    assert "Name.bin" in report["error"]["message"] and "name.bin" in report["error"]["message"]
    assert not os.path.exists(target) and not os.path.exists(lab.path("cache")), "written"


@case("T-M6, T-E20 ext4 with casefold: a cache by two names, targets that fall together")
def casefold(lab):
    image = lab.image("disk", 16, "mkfs.ext4", "-q", "-O", "casefold")
    disk = lab.mount(lab.path("disk.d"), "-o", "loop", image)
    os.mkdir(f"{disk}/Folded")
    lab.tool("chattr", "+F", f"{disk}/Folded")
    case_twins(lab, f"{disk}/Folded/out")
    shutil.rmtree(lab.path("project"))
    os.makedirs(f"{disk}/Folded/Home/cache")
    two_names(lab, f"{disk}/Folded/Home/cache", f"{disk}/folded/HOME/cache")


@case("T-M6 exfat: targets that fall together")
def exfat_twins(lab):
    device = lab.loop(lab.image("disk", 32, "mkfs.exfat"))
    point = lab.program(lab.path("view"), "mount.exfat-fuse", device, lab.folder("view"))
    os.mkdir(f"{point}/Folder")
    case_twins(lab, f"{point}/Folder/out")


# T-M7: no room


def no_room(lab, cache, point, word, fill):
    lab.pointer("a.bin", noise(3000))
    lab.pulled(cache, result="fetched")
    lab.pointer("b.bin", noise(300_000, seed=2))
    fill()
    code, report = lab.pull(cache)
    text = str(report)
    assert code == 7, f"{code}: {text}"
    assert word in text and point in text, text
    assert "as the owner" not in text, text


@case("T-M7 tmpfs without a byte")
def full_tmpfs(lab):
    point = lab.mount(lab.path("disk"), "-t", "tmpfs", "-o", "size=1m", "tmpfs")

    def fill():
        subprocess.run(["dd", "if=/dev/zero", f"of={point}/fill"], stderr=subprocess.DEVNULL)
    no_room(lab, f"{point}/cache", point, "bytes are free", fill)


@case("T-M7 tmpfs without an inode")
def no_inodes_tmpfs(lab):
    point = lab.mount(lab.path("disk"), "-t", "tmpfs", "-o", "nr_inodes=60", "tmpfs")
    no_room(lab, f"{point}/cache", point, "no inodes", lambda: use_inodes(point))


@case("T-M7 ext4 without an inode")
def no_inodes_ext4(lab):
    image = lab.image("disk.img", 8, "mkfs.ext4", "-q", "-N", "64")
    point = lab.mount(lab.path("disk"), "-o", "loop", image)
    no_room(lab, f"{point}/cache", point, "no inodes", lambda: use_inodes(point))


def use_inodes(point):
    for number in range(100):
        try:
            open(f"{point}/n{number}", "w").close()
        except OSError:
            return


@case("T-M7 ext4 with reserved blocks: used is what df says")
def reserved(lab):
    image = lab.image("disk.img", 64, "mkfs.ext4", "-q", "-m", "30")
    point = lab.mount(lab.path("disk"), "-o", "loop", image)
    lab.pointer("a.bin", noise(3000))
    lab.pulled(f"{point}/cache", result="fetched")
    _, status = lab.json("status", "--cache", f"{point}/cache")
    info = os.statvfs(point)
    used = (info.f_blocks - info.f_bfree) * info.f_frsize
    assert abs(status["disk"]["used_bytes"] - used) < 1 << 20, status["disk"]


# T-M8: shared blocks, compression


def shares(path):
    subprocess.run(["sync", path])
    found = subprocess.run(["filefrag", "-v", path], capture_output=True, text=True).stdout
    return "shared" in found


def clones(lab, point):
    data = lab.pointer("a.bin", noise(1 << 20))
    lab.pulled(f"{point}/cache", "--into", f"{point}/out", result="fetched")
    assert read(f"{point}/out/a.bin") == data
    assert shares(f"{point}/out/a.bin"), "it was copied, though the file system can clone"
    blob = only_blob(f"{point}/cache")
    assert lab.is_warm(f"{point}/cache", blob), "a check after a pull reads again"
    return blob


@case("T-M8 xfs: materialising clones")
def xfs(lab):
    image = lab.image("disk.img", 320, "mkfs.xfs", "-q", "-m", "reflink=1")
    clones(lab, lab.mount(lab.path("disk"), "-o", "loop", image))


@case("T-M8 btrfs with compression: materialising clones, checks stay warm over a remount")
def btrfs(lab):
    image = lab.image("disk.img", 128, "mkfs.btrfs", "-q")
    point = lab.mount(lab.path("disk"), "-o", "loop,compress=zstd", image)
    blob = clones(lab, point)
    lab.unmount(point)
    # Another device number than before.
    lab.mount(lab.path("first"), "-t", "tmpfs", "tmpfs")
    lab.mount(point, "-o", "loop,compress=zstd", image)
    assert lab.is_warm(f"{point}/cache", blob), "a remount makes it read again"


@case("X8 ext4: a check after a pull reads nothing, and a change right after it shows")
def warm(lab):
    image = lab.image("disk.img", 32, "mkfs.ext4", "-q")
    point = lab.mount(lab.path("disk"), "-o", "loop", image)
    lab.pointer("a.bin", noise(1 << 20))
    lab.pulled(f"{point}/cache", result="fetched")
    blob = only_blob(f"{point}/cache")
    assert lab.is_warm(f"{point}/cache", blob), "a check after a pull reads again"
    for _ in range(5):
        os.unlink(blob)
        lab.pulled(f"{point}/cache", result="fetched")
        damage(blob)
        assert lab.states(f"{point}/cache") == {"corrupt"}
        os.unlink(blob)
        lab.pulled(f"{point}/cache")
