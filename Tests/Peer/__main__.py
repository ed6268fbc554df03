"""Runs every check against every version of fbuild: python3 Tests/Peer BINARY VENVS [WORD]."""

import os
import pathlib
import sys
import time
import traceback

# Each of these registers its checks.
import checks
import links  # noqa: F401
import daemons  # noqa: F401
import installs  # noqa: F401
import pins  # noqa: F401
import plans  # noqa: F401
import pointers  # noqa: F401
import rebuild  # noqa: F401
import repairs  # noqa: F401
import roots  # noqa: F401
from blobs import Blobs


class Tools:
    def __init__(self, binary, venvs):
        self.binary, self.venvs = pathlib.Path(binary).resolve(), pathlib.Path(venvs).resolve()
        # Elsewhere a holder may live outside of what /proc shows, so no lease is provably stuck.
        self.proves_death = os.readlink("/proc/self/ns/pid") == "pid:[4026531836]"


def main(binary, venvs, word=""):
    tools, blobs, failed, count = Tools(binary, venvs), Blobs(), 0, 0
    for sentence, versions, function in checks.CHECKS:
        for version in versions:
            if word not in f"{function.__name__} {sentence} {version}":
                continue
            count += 1
            start = time.monotonic()
            try:
                note = function(tools, version, blobs)
                print(f"ok    {version:7} {sentence} ({time.monotonic() - start:.1f} s)", flush=True)
                if note:
                    print(f"        {note}", flush=True)
            except Exception:
                failed += 1
                print(f"FAIL  {version:7} {sentence}\n{traceback.format_exc()}", flush=True)
    print(f"{count - failed} of {count} checks against real fbuild passed")
    return 1 if failed else 0


sys.exit(main(*sys.argv[1:]))
