"""Unpacks real packages, and compares each tree: python3 Tests/Archives BINARY DOWNLOADS [WORD]."""

import functools
import hashlib
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.parse

import packages
import trees

# So many must be had, or the run proves too little.
WANTED = 25


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


def serve(folder):
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def check(binary, base, downloads, archive, extract, place):
    """What differs, in words; nothing where the trees are the same."""
    project, target = place / "project", place / "out"
    project.mkdir(parents=True)
    path = urllib.parse.quote(str(archive.relative_to(downloads)))
    pointer = {
        "v": 1, "url": f"{base}/{path}", "extract": extract,
        "sha256": hashlib.sha256(archive.read_bytes()).hexdigest()}
    (project / "package.fetch").write_text(json.dumps(pointer))
    environment = dict(os.environ, HOME=str(place), XDG_STATE_HOME=str(place / "state"))
    command = [binary, "lnk", "pull", "--cache", place / "cache", "--into", target, project]
    pull = functools.partial(
        subprocess.run, command, env=environment, capture_output=True, text=True, timeout=600)
    first = pull()
    if first.returncode != 0:
        return [f"refused: {first.stdout.strip()} {first.stderr.strip()}"]
    before = os.stat(target / "package").st_ino
    trees.reference(archive, extract, place / "reference")
    folders = trees.named_folders(archive, extract)
    own = trees.read(target / "package", folders, extract)
    found = list(trees.differences(own, trees.read(place / "reference", folders, extract)))
    if pull().returncode != 0 or os.stat(target / "package").st_ino != before:
        found.append("a second pull does not leave the tree alone")
    print(f"{'FAIL' if found else 'ok  '}  {archive.name}: {len(own)} entries", flush=True)
    return found


def main(binary, downloads, word=""):
    downloads = pathlib.Path(downloads).resolve()
    base, count, failed = serve(downloads), 0, 0
    for archive, extract in packages.fetch(downloads, word):
        place = pathlib.Path(tempfile.mkdtemp(prefix="archives-"))
        try:
            found = check(pathlib.Path(binary).resolve(), base, downloads, archive, extract, place)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        count += 1
        failed += bool(found)
        for words in found[:20]:
            print(f"      {words}", flush=True)
    print(f"{count} packages, {failed} with differences")
    if failed:
        sys.exit(1)
    if count < WANTED and not word:
        print(f"Skipped: fewer than {WANTED} packages could be fetched.", file=sys.stderr)
        sys.exit(77)


main(*sys.argv[1:])
