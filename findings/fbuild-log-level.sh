#!/bin/sh
# The text of an error is a line of the log: RUST_LOG=off leaves a failed command with exit code 1 and
# not one byte on either stream.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import os

from fbuild_cache import fbuild

os.environ.pop("RUST_LOG", None)
said = fbuild("cache", "list", "no-such-archive")
os.environ["RUST_LOG"] = "off"
silent = fbuild("cache", "list", "no-such-archive")
print(said.returncode, repr(said.stdout + said.stderr), silent.returncode, repr(silent.stdout + silent.stderr))
assert said.returncode == silent.returncode == 1
assert "ERROR" in said.stdout + said.stderr and silent.stdout + silent.stderr == ""
print("finding holds: the level of the log decides whether an error is told")
PYTHON
