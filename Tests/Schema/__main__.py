"""Runs every verb with --json and compares its answer with docs/schema.

    python3 Tests/Schema BINARY
"""

import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "Tests/Crash"))

from validator import Schemas  # noqa: E402
from world import Files  # noqa: E402

SMALL = {"FBUILD_CACHE_ARCHIVE_BUDGET": "2M", "FBUILD_CACHE_HIGH_WATERMARK": "10M",
         "FBUILD_CACHE_INSTALLED_BUDGET": "8M"}
LEGACY = ["--cache", "demo/legacy-cache"]

# The schema, the words, and the exit codes that are right. In this order, on one cache.
RUNS = [
    ("demo", ["demo", "demo"], (0,)),
    ("status", ["status"], (0,)),
    ("entries", ["entries"], (0,)),
    ("entry", ["entry", "1"], (0,)),
    ("entry", ["entry", "29"], (0,)),
    ("leases", ["leases"], (0,)),
    ("migrations", ["migrations"], (0,)),
    ("migrations", ["migrations", *LEGACY], (0,)),
    ("doctor", ["doctor"], (1,)),
    ("doctor-self", ["doctor", "--self"], (0, 1)),
    ("gc", ["gc"], (0,)),
    ("pin", ["pin", "3", "4", "--reason", "why"], (0,)),
    ("unpin", ["unpin", "3"], (0,)),
    ("release", ["release", "--stuck"], (0,)),
    ("migrate-rehearse", ["migrate", "--rehearse", *LEGACY], (0,)),
    ("migrate", ["migrate", *LEGACY], (0,)),
    ("lnk-list", ["lnk", "list", "demo/project"], (0,)),
    ("lnk-check", ["lnk", "check", "demo/project"], (1,)),
    ("lnk-add", ["lnk", "add", "URL", "-o", "pointers/blob.bin.fetch"], (0,)),
    ("lnk-pull", ["lnk", "pull", "pointers"], (0,)),
    ("lnk-pull", ["lnk", "pull", "pointers", "broken"], (1, 6)),
    ("host", ["host"], (0, 1)),
    ("host-disk", ["host", "--disk"], (0,)),
    ("verify", ["verify"], (0, 1)),
    ("snapshot", ["snapshot"], (0,)),
    ("snapshot", ["snapshot", "--redact"], (0,)),
    ("metrics", ["metrics"], (0,)),
    ("wait", ["wait", "--entry", "9"], (0,)),
    ("wait", ["wait", "--entry", "1", "--timeout", "50ms"], (3,)),
    ("evict", ["evict", "2", "--keep", "1h"], (0,)),
    ("undo", ["undo"], (0,)),
    ("gc", ["gc", "--apply", "--yes"], (0, 1)),
    ("doctor", ["doctor", "--fix"], (0, 1)),
    ("rebuild", ["rebuild", "--dry-run"], (0,)),
    ("rebuild", ["rebuild", "--yes"], (0,)),
    ("error", ["entry", "99999"], (1,)),
    ("error", ["status", "--cache", "nowhere"], (1, 2, 7)),
    ("error", ["no-such-verb"], (64,)),
]
# Verbs without an answer in JSON.
SILENT = {"inspect", "help", "lnk"}


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

    def run(self, words):
        words = [self.server.url("blob.bin") if word == "URL" else word for word in words]
        return subprocess.run(
            [self.binary, *words], cwd=self.folder, env=self.environment, timeout=120,
            stdin=subprocess.DEVNULL, capture_output=True)

    def verbs(self):
        """The verbs that the help lists, with those below `lnk`."""
        def listed(*words):
            text = self.run(["help", *words]).stdout.decode()
            lines = text.partition("SUBCOMMANDS:\n")[2].splitlines()
            return [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "
                    and not line.startswith("  See")]
        return set(listed()) | {f"lnk {verb}" for verb in listed("lnk")}


def answer(place, name, words, codes, schemas):
    result = place.run([*words, "--json"])
    said = f"{' '.join(words)}: "
    if result.returncode not in codes:
        return None, [f"{said}ended with {result.returncode}: {result.stdout[-300:]} {result.stderr[-300:]}"]
    try:
        value = json.loads(result.stdout)
    except ValueError as error:
        return None, [f"{said}no JSON: {error}: {result.stdout[:200]}"]
    return value, [said + fault for fault in schemas.faults(f"{name}.json", value)]


def is_strict(name, value, schemas):
    """The same answer without one of its own members, or with another type there, must not pass."""
    passed = []
    for key in schemas.documents[f"{name}.json"]["required"]:
        without, wrong = copy.deepcopy(value), copy.deepcopy(value)
        del without[key]
        wrong[key] = [[1.5]]
        passed += [key for other in (without, wrong) if not schemas.faults(f"{name}.json", other)]
    return [f"{name}.json takes an answer that has no right {key}" for key in passed]


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
        said = {" ".join(words[:2]) if words[0] == "lnk" else words[0] for _, words, _ in RUNS}
        faults += [f"no run of `{verb}`" for verb in sorted(place.verbs() - said - SILENT)]
    unused = {path for path in schemas.documents} - {f"{name}.json" for name in seen} - {"common.json"}
    faults += [f"docs/schema/{name}: no run uses it" for name in sorted(unused)]
    for fault in faults:
        print(fault)
    print(f"{len(RUNS)} answers of {len(seen)} schemas, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
