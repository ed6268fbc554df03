"""Runs every command of the pages in docs/ on a demo cache.

    python3 Tests/Docs BINARY

A page's first line may say what it needs: `<!-- test: cache=DIR, moved, offline, ssh -->`. A command ends with 0
but where its comment begins with `exit N`, or `exit any`.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

DOCS = pathlib.Path(__file__).parent.parent.parent / "docs"


def commands(text):
    """The commands of the fenced blocks, each with the exit code that it must have."""
    for block in re.findall(r"^```sh\n(.*?)^```$", text, re.M | re.S):
        command = ""
        for line in block.splitlines():
            command += line + "\n"
            if subprocess.run(["sh", "-n", "-c", command], capture_output=True).returncode == 0:
                expected = re.search(r"# exit (\d+|any)\b", command)
                yield command.strip(), expected[1] if expected else "0"
                command = ""
        assert not command, f"no whole command: {command}"


class Place:
    def __init__(self, binary, folder, needs):
        self.folder = pathlib.Path(folder)
        for name in ("bin", "home", "tmp"):
            (self.folder / name).mkdir()
        (self.folder / "bin/cachescope").symlink_to(os.path.abspath(binary))
        cache = "demo/cache"
        for need in needs:
            cache = need.removeprefix("cache=") if need.startswith("cache=") else cache
        self.environment = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"), "LANG": "C.UTF-8",
            "XDG_STATE_HOME": str(self.folder / "home/state"),
            "FBUILD_CACHE_DIR": str(self.folder / cache)}
        made = self.run("cachescope demo old" if "moved" in needs else "cachescope demo demo")
        assert made.returncode == 0, made.stderr
        if "moved" in needs:
            (self.folder / "old").rename(self.folder / "demo")
        if "offline" in needs:
            # Nothing leaves this host, and a proxy that is not there is not tried again.
            self.environment |= {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}
        if "ssh" in needs:
            shim = self.folder / "bin/ssh"
            shim.write_text('#!/bin/sh\nshift\nexec sh -c "$*"\n')
            shim.chmod(0o755)

    def run(self, command):
        return subprocess.run(
            ["sh", "-c", command], cwd=self.folder, env=self.environment, timeout=120,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")


def page_faults(path, binary):
    text = path.read_text()
    needs = re.match(r"<!-- test: (.*) -->\n", text)
    faults, count = [], 0
    with tempfile.TemporaryDirectory(prefix="cachescope-docs-") as folder:
        place = Place(binary, folder, needs[1].split(", ") if needs else [])
        for command, expected in commands(text):
            result = place.run(command)
            count += 1
            if expected not in ("any", str(result.returncode)):
                faults.append(
                    f"{path.name}: {command}\n  ends with {result.returncode}, not {expected}: "
                    f"{(result.stdout + result.stderr)[-400:]}")
    return faults, count


def main(binary):
    pages = sorted(path for path in DOCS.glob("*.md") if path.name != "README.md")
    index = (DOCS / "README.md").read_text()
    faults = [f"docs/README.md does not name {path.name}" for path in pages if path.name not in index]
    total = 0
    for path in pages:
        found, count = page_faults(path, binary)
        if not count:
            faults.append(f"{path.name} has no command")
        faults += found
        total += count
    for fault in faults:
        print(fault)
    print(f"{total} commands of {len(pages)} pages, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
