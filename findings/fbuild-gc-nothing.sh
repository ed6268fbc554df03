#!/bin/sh
# After a GC that removed a tree whose recorded size is 0 (or unknown), fbuild says that there was
# nothing to clean up: it looks at the bytes, not at what it did.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import os

from fbuild_cache import NOTHING, cache, fbuild, index, package

package(3, 5000, 1000)
index("UPDATE entries SET installed_bytes = 0")
package(4, 1, 2000)
index("UPDATE entries SET pinned = 1 WHERE id = 4")
result = fbuild("purge", "--gc", **NOTHING)
print(result.returncode, result.stdout.strip())
assert not os.path.exists(cache + "/packages/p3"), "nothing was removed"
assert result.stdout.strip() == "GC: nothing to clean up", result.stdout
print("finding holds: a tree and its row went, and fbuild says there was nothing to do")
PYTHON
