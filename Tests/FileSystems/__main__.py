"""Runs every case on every file system that can be mounted: python3 Tests/FileSystems BINARY [WORD...]."""

import sys
import time
import traceback

from cases import CASES
from harness import Lab, NotHere, Server


def main(binary, *words):
    server, counts = Server(), {"ok": 0, "failed": 0, "not mountable here": 0}
    for name, function in CASES:
        if words and not any(word in name for word in words):
            continue
        lab, start = Lab(binary, server), time.monotonic()
        try:
            function(lab)
            counts["ok"] += 1
            print(f"ok    {name} ({time.monotonic() - start:.1f} s)", flush=True)
        except NotHere as why:
            counts["not mountable here"] += 1
            print(f"--    {name}: not mountable here: {why}", flush=True)
        except Exception:
            counts["failed"] += 1
            print(f"FAIL  {name}\n{traceback.format_exc()}", flush=True)
        finally:
            lab.close()
    print(", ".join(f"{number} {word}" for word, number in counts.items()))
    if counts["failed"]:
        return 1
    return 0 if counts["ok"] else 77


sys.exit(main(*sys.argv[1:]))
