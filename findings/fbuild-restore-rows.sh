#!/bin/sh
# `cache restore` into a cache that is in use adds the saved trees and replaces the index: trees that were
# there keep their bytes and lose their rows, so that no GC ever takes them. The exit code is 0.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import os

from fbuild_cache import NOTHING, cache, complete, fbuild, index

complete(1, 5000, 1000)
fbuild("cache", "save", "saved.tar.zst")
own = complete(2, 7000, 2000)
result = fbuild("cache", "restore", "saved.tar.zst")
rows = index("SELECT id FROM entries")
print(result.returncode, rows, os.path.exists(own + "/file"))
assert result.returncode == 0 and rows == [(1,)] and os.path.exists(own + "/file")
collected = fbuild("purge", "--gc", **NOTHING)
assert "Installed evicted: 1" in collected.stdout and os.path.exists(own + "/file")
print("finding holds: the row of the second package is gone, its tree stays for good")
PYTHON
