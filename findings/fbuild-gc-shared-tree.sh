#!/bin/sh
# Two rows may name one folder. GC removes it for the row that is free: the other row, though held by a
# pin, keeps saying that it is installed. Where both are free, the bytes of the one tree are counted twice.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import os

from fbuild_cache import NOTHING, cache, fbuild, index, package

package(1, 3000, 1000, "packages/shared")
package(2, 3000, 2000, "packages/shared", pinned=1)
result = fbuild("purge", "--gc", **NOTHING)
print(result.returncode, result.stdout.strip())
assert not os.path.exists(cache + "/packages/shared")
assert index("SELECT id, installed_path FROM entries") == [(2, "packages/shared")]
package(3, 3000, 1000, "packages/shared")
index("UPDATE entries SET pinned = 0")
result = fbuild("purge", "--gc", **NOTHING)
print(result.returncode, result.stdout.strip())
assert "Installed evicted: 2 (5.9 KB)" in result.stdout, result.stdout
print("finding holds: a pinned row lost its tree, and one tree of 3,000 bytes was counted twice")
PYTHON
