"""Runs every verb with --json and compares its answer with docs/schema.

    python3 Tests/Schema BINARY
"""

import copy
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "Tests/Crash"))

from validator import Schemas  # noqa: E402
from world import Files  # noqa: E402

SMALL = {"FBUILD_CACHE_ARCHIVE_BUDGET": "2M", "FBUILD_CACHE_HIGH_WATERMARK": "10M",
         "FBUILD_CACHE_INSTALLED_BUDGET": "8M"}
LEGACY = ["--cache", "demo/legacy-cache"]

PROJECT = ["--project", "demo/project"]

# The schema, the words, and the exit codes that are right. In this order, on one cache.
# URL is the server's, BACKUP the newest index that is kept, LEASE the first lease.
RUNS = [
    ("demo", ["demo", "demo"], (0,)),
    ("status", ["status"], (0,)),
    ("entries", ["entries"], (0,)),
    ("entry", ["entry", "1"], (0,)),
    ("entry", ["entry", "29"], (0,)),
    ("entry-project", ["entry", "29", *PROJECT], (0,)),
    ("leases", ["leases"], (0,)),
    ("info", ["info"], (0,)),
    ("info", ["info", "--no-config"], (0,)),
    ("report", ["report"], (0,)),
    ("report", ["report", "29", "--since", "7d"], (0,)),
    ("report", ["report", "LEASE"], (0,)),
    ("migrations", ["migrations"], (0,)),
    ("migrations", ["migrations", *LEGACY], (0,)),
    ("doctor", ["doctor"], (1,)),
    ("doctor-self", ["doctor", "--self"], (0, 1)),
    ("gc", ["gc"], (0,)),
    ("gc-project", ["gc", *PROJECT], (0,)),
    ("pin", ["pin", "3", "4", "--reason", "why", "--dry-run"], (0,)),
    ("pin", ["pin", "3", "4", "--reason", "why"], (0,)),
    ("unpin", ["unpin", "3", "--dry-run"], (0,)),
    ("unpin", ["unpin", "3"], (0,)),
    ("release", ["release", "--stuck", "--dry-run"], (0,)),
    ("release", ["release", "--stuck"], (0,)),
    ("migrate-rehearse", ["migrate", "--rehearse", *LEGACY], (0,)),
    ("migrate", ["migrate", "--dry-run", *LEGACY], (0,)),
    ("migrate", ["migrate", *LEGACY], (0,)),
    ("backups", ["backups", *LEGACY], (0,)),
    ("backups-restore", ["backups", "--restore", "BACKUP", "--dry-run", *LEGACY], (0,)),
    ("backups-restore", ["backups", "--restore", "BACKUP", "--yes", *LEGACY], (0,)),
    ("backups-delete", ["backups", "--delete", "BACKUP", "--dry-run", *LEGACY], (0,)),
    ("backups-delete", ["backups", "--delete", "BACKUP", "--yes", *LEGACY], (0,)),
    ("lnk-list", ["lnk", "list", "demo/project"], (0,)),
    ("lnk-check", ["lnk", "check", "demo/project"], (1,)),
    ("lnk-add-dry-run", ["lnk", "add", "URL", "-o", "pointers/blob.bin.fetch", "--dry-run"], (0,)),
    ("lnk-add", ["lnk", "add", "URL", "-o", "pointers/blob.bin.fetch"], (0,)),
    ("lnk-pull", ["lnk", "pull", "pointers", "--dry-run"], (0,)),
    ("lnk-pull", ["lnk", "pull", "pointers"], (0,)),
    ("lnk-pull", ["lnk", "pull", "pointers", "broken"], (1, 6)),
    ("host", ["host"], (0, 1)),
    ("host-project", ["host", *PROJECT], (0, 1)),
    ("host-disk", ["host", "--disk"], (0,)),
    ("host-disk", ["host", "--disk", *PROJECT], (0,)),
    ("verify", ["verify"], (0, 1)),
    ("snapshot", ["snapshot"], (0,)),
    ("snapshot", ["snapshot", "--redact"], (0,)),
    ("metrics", ["metrics"], (0,)),
    ("wait", ["wait", "--entry", "9"], (0,)),
    ("wait", ["wait", "--entry", "1", "--timeout", "50ms"], (3,)),
    ("evict", ["evict", "2", "--dry-run"], (0,)),
    ("evict", ["evict", "2", "--keep", "1h"], (0,)),
    ("undo", ["undo", "--dry-run"], (0,)),
    ("undo", ["undo"], (0,)),
    ("gc-apply", ["gc", "--apply", "--yes", "--dry-run"], (1,)),
    ("gc-apply", ["gc", "--apply", "--yes"], (0, 1)),
    ("doctor-fix", ["doctor", "--fix", "--dry-run"], (1,)),
    ("doctor-fix", ["doctor", "--fix"], (0, 1)),
    ("rebuild", ["rebuild", "--dry-run"], (0,)),
    ("rebuild", ["rebuild", "--yes"], (0,)),
    ("error", ["entry", "99999"], (1,)),
    ("error", ["status", "--cache", "nowhere"], (1, 2, 7)),
    ("error", ["no-such-verb"], (64,)),
]
# The events of these leases are there at once, so that the first line needs no luck.
FOLLOW = ("lease-event", ["leases", "--follow"])
# Verbs without an answer in JSON: the screen, and a page of text.
SILENT = {"inspect", "manual"}
# Fewer than these are a help that this test cannot read.
FEWEST_VERBS = 20


class Place:
    def __init__(self, binary, folder):
        self.binary, self.folder = os.path.abspath(binary), pathlib.Path(folder)
        self.server = Files()
        self.server.bodies["blob.bin"] = b"blob " * 500
        for name in ("home", "tmp", "pointers", "broken"):
            (self.folder / name).mkdir()
        (self.folder / "broken/a.lnk").write_text("{")
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder / "home"), "LANG": "C.UTF-8",
            "TMPDIR": str(self.folder / "tmp"), "XDG_STATE_HOME": str(self.folder / "home/state"),
            "FBUILD_CACHE_DIR": str(self.folder / "demo/cache"), **SMALL}

    def said(self, words):
        """The words, with what they stand for."""
        said = []
        for word in words:
            if word == "URL":
                word = self.server.url("blob.bin")
            elif word == "BACKUP":
                word = json.loads(self.run(["backups", *LEGACY, "--json"]).stdout)["backups"][-1]["name"]
            elif word == "LEASE":
                word = self.run(["leases", "--quiet", "--limit", "1"]).stdout.decode().strip()
            said.append(word)
        return said

    def run(self, words):
        return subprocess.run(
            [self.binary, *self.said(words)], cwd=self.folder, env=self.environment, timeout=120,
            stdin=subprocess.DEVNULL, capture_output=True)

    def first_line(self, words):
        """The first line of an answer that has no end."""
        with subprocess.Popen(
                [self.binary, *words], cwd=self.folder, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            limit = threading.Timer(30, process.kill)
            limit.start()
            line = process.stdout.readline()
            limit.cancel()
            process.kill()
        return line

    def verbs(self):
        """The verbs that the help lists, with those below `lnk`."""
        lines = self.run(["help", "verbs"]).stdout.decode().splitlines()
        verbs = {re.split("  +", line.strip())[0] for line in lines if re.match("  [a-z]", line)}
        lines = self.run(["help", "lnk"]).stdout.decode().partition("SUBCOMMANDS:\n")[2].partition("\n\n")[0]
        return verbs | {"lnk " + line.split()[0] for line in lines.splitlines()}


def answer(place, name, words, codes, schemas):
    result = place.run([*words, "--json"])
    said = f"{' '.join(words)}: "
    if result.returncode not in codes:
        return None, [f"{said}ended with {result.returncode}: {result.stdout[-300:]} {result.stderr[-300:]}"]
    return checked(said, name, result.stdout, schemas, "--dry-run" in words)


def checked(said, name, text, schemas, is_dry=False):
    try:
        value = json.loads(text)
    except ValueError as error:
        return None, [f"{said}no JSON: {error}: {text[:200]}"]
    faults = [said + fault for fault in schemas.faults(f"{name}.json", value)]
    if value.get("dry_run", False) is not is_dry:
        faults.append(f"{said}dry_run is {value.get('dry_run')}")
    return value, faults


def is_strict(name, value, schemas):
    """The same answer without one of its own members, or with another type there, must not pass."""
    passed = []
    for key in schemas.documents[f"{name}.json"]["required"]:
        without, wrong = copy.deepcopy(value), copy.deepcopy(value)
        del without[key]
        wrong[key] = [[1.5]]
        passed += [key for other in (without, wrong) if not schemas.faults(f"{name}.json", other)]
    return [f"{name}.json takes an answer that has no right {key}" for key in passed]


def follow(place, schemas):
    name, words = FOLLOW
    value, faults = checked("leases --follow: ", name, place.first_line([*words, "--json"]), schemas)
    return faults + ([] if value is None else is_strict(name, value, schemas))


def main(binary):
    schemas = Schemas(ROOT / "docs/schema")
    faults, seen = [], set()
    with tempfile.TemporaryDirectory(prefix="cachescope-schema-") as folder:
        place = Place(binary, folder)
        for name, words, codes in RUNS:
            value, found = answer(place, name, words, codes, schemas)
            faults += found
            if value is not None:
                faults += is_strict(name, value, schemas)
            seen.add(name)
            if name == "migrations" and FOLLOW[0] not in seen:
                faults += follow(place, schemas)
                seen.add(FOLLOW[0])
        said = {" ".join(words[:2]) if words[0] == "lnk" else words[0] for _, words, _ in RUNS}
        verbs = place.verbs()
        if len(verbs) < FEWEST_VERBS:
            faults.append(f"the help names {len(verbs)} verbs only: {sorted(verbs)}")
        faults += [f"no run of `{verb}`" for verb in sorted(verbs - said - SILENT)]
        faults += [f"the help does not name `{verb}`" for verb in sorted(said - verbs - {"no-such-verb"})]
    faults += [f"docs/schema/{place}: not in the schema" for place in sorted(schemas.unnamed)]
    unused = {path for path in schemas.documents} - {f"{name}.json" for name in seen} - {"common.json"}
    faults += [f"docs/schema/{name}: no run uses it" for name in sorted(unused)]
    for fault in faults:
        print(fault)
    print(f"{len(RUNS) + 1} answers of {len(seen)} schemas, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
