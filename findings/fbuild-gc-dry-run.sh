#!/bin/sh
# `fbuild purge --gc --dry-run` is no dry run: it deletes what `purge --gc` would, and a TARGET that
# does not exist beside it is taken without a word. Without --gc, both are heeded.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import os

from fbuild_cache import NOTHING, cache, fbuild, index, package

package(1, 5000, 1000)
result = fbuild("purge", "no-such-target", "--gc", "--dry-run", **NOTHING)
print(result.returncode, result.stdout.strip())
assert result.returncode == 0 and "Installed evicted: 1" in result.stdout
assert not os.path.exists(cache + "/packages/p1"), "the tree is there: --dry-run is heeded now"
assert index("SELECT count(*) FROM entries") == [(0,)]
print("finding holds: a dry run of GC removed a tree and its row")
PYTHON
