"""Trees as they lie on the disk, and the differences between two of them."""

import hashlib
import os
import stat
import subprocess
import tarfile
import zipfile


def reference(archive, extract, target):
    """What GNU tar or unzip makes of the archive, once it is known that no name leads outside.

    Without the two options tar gives a folder its time before the last links are made in it, and so moves
    the time again.
    """
    os.makedirs(target)
    command = (
        ["unzip", "-q", os.path.abspath(archive)] if extract == "zip"
        else [
            "tar", "-x", "-p", "-P", "--delay-directory-restore", "--no-same-owner", "-f",
            os.path.abspath(archive)])
    subprocess.run(command, cwd=target, check=True, umask=0, timeout=600)


def named_folders(archive, extract):
    """Folders that have an entry: others get the time of the unpacking."""
    if extract == "zip":
        with zipfile.ZipFile(archive) as file:
            names = [name for name in file.namelist() if name.endswith("/")]
    else:
        with tarfile.open(archive, errors="surrogateescape") as file:
            names = [member.name for member in file if member.isdir()]
    return {os.path.normpath(name) for name in names}


def read(root, folders, extract):
    """Each path's type, mode under the mask, time, target, other names and bytes."""
    found, names = {}, {}
    for place, below, files in os.walk(root):
        for name in below + files:
            path = os.path.join(place, name)
            names.setdefault(os.lstat(path).st_ino, []).append(os.path.relpath(path, root))
    for same in names.values():
        for name in same:
            found[name] = describe(os.path.join(root, name), name, sorted(same), folders, extract)
    return found


def describe(path, name, same, folders, extract):
    info = os.lstat(path)
    # unzip gives links the time of the unpacking.
    has_time = name in folders if stat.S_ISDIR(info.st_mode) else True
    if stat.S_ISLNK(info.st_mode):
        time = info.st_mtime_ns if extract != "zip" else None
        return "link", os.readlink(path), time, same
    kind, mode = stat.S_IFMT(info.st_mode), info.st_mode & 0o755
    time = info.st_mtime_ns if has_time else None
    return kind, mode, time, same, digest(path) if stat.S_ISREG(info.st_mode) else None


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def differences(own, other):
    for name in sorted(own.keys() | other.keys()):
        if own.get(name) != other.get(name):
            yield f"{name!r}: {own.get(name)} instead of {other.get(name)}"
