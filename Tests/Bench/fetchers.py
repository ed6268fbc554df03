"""The ways to fetch and to check blobs: a command for each program, and what has to go before it runs."""

import os
import shlex
import shutil

import linkdata


class Download:
    """The ways to fetch one blob of 1 GiB: a command each, and what has to go before it runs."""

    def __init__(self, bench, project, place):
        roots = [place / "cold-cache", place / "fbuild-cache"]
        file, url = str(place / "curl.bin"), bench.server.url(linkdata.blob(bench.folder).name)
        self.remove = [*roots, file]
        self.url, self.file = shlex.quote(url), shlex.quote(file)
        self.ours = (bench.ours("pull", project, roots[0]), self.remove)
        self.fbuild = (bench.fbuild("pull", project, roots[1]), self.remove)
        self.curl = (["curl", "--silent", "--fail", "--output", file, url], self.remove)
        self.synced = (
            ["sh", "-c", f"curl --silent --fail --output {self.file} {self.url}"
             f" && sync {self.file}"], self.remove)

    def piped(self, hasher):
        return (
            ["sh", "-c", f"curl --silent --fail {self.url} | tee {self.file} | {hasher}"],
            self.remove)


class Many:
    """The same for many small blobs."""

    def __init__(self, bench, place):
        files = linkdata.small(bench.folder)
        project = linkdata.project(place / "many-project", bench.server, files)
        roots, out = [place / "many-cache", place / "many-fbuild"], place / "many-out"
        listing = place / "many.curl"
        listing.write_text("".join(
            f'url = "{bench.server.url(file.name)}"\noutput = "{out / file.name}"\n'
            for file in files))
        remove = [*roots, out]
        curl = ["curl", "--silent", "--fail", "--parallel", "--parallel-max", "8",
                "--config", str(listing)]
        self.ours = (bench.ours("pull", project, roots[0], "--jobs", "8"), remove)
        self.fbuild = (bench.fbuild("pull", project, roots[1]), remove)
        self.curl = (curl, remove, out)
        self.synced = (
            ["sh", "-c", f"{shlex.join(curl)} && exec sync {shlex.quote(str(out))}/*"], remove, out)


def lfs_check(folder, blob, run):
    """`git lfs fsck` of a new repository that holds the blob; nothing where there is no git-lfs."""
    if not shutil.which("git-lfs") or not shutil.which("git"):
        return None
    sha = linkdata.sha256(blob)
    stored = folder / ".git/lfs/objects" / sha[:2] / sha[2:4] / sha
    git = ["git", "-C", str(folder), "-c", "user.name=bench", "-c", "user.email=bench@localhost"]
    folder.mkdir()
    run([*git, "init"])()
    stored.parent.mkdir(parents=True)
    os.link(blob, stored)
    (folder / ".gitattributes").write_text("*.bin filter=lfs -text\n")
    (folder / "blob.bin").write_text(
        "version https://git-lfs.github.com/spec/v1\n"
        f"oid sha256:{sha}\nsize {os.path.getsize(blob)}\n")
    run([*git, "add", "."])()
    run([*git, "commit", "--message", "blob"])()
    return [*git, "lfs", "fsck", "--objects"]


def remove_any(path):
    if os.path.isdir(path):
        shutil.rmtree(path, ignore_errors=True)
    elif os.path.lexists(path):
        os.unlink(path)
