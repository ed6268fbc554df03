#!/bin/sh
# A daemon that starts removes every installed tree without the file .install_complete, whether or not its
# row is pinned, or leased by a living process. The row stays, without its path.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import os

from fbuild_cache import cache, complete, daemon, index, package, until

complete(1, 5000, 1000, pinned=1)
package(2, 5000, 1000, "packages/s2/h2/1", pinned=1)
for number in (1, 2):
    index("INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)"
          " VALUES (?, ?, 5, 1, 5)", number, os.getpid())
with daemon():
    until(lambda: not os.path.exists(cache + "/packages/s2/h2/1/file"))
rows = index("SELECT id, installed_path, pinned FROM entries ORDER BY id")
print(rows)
assert rows == [(1, "packages/s1/h1/1", 1), (2, None, 1)]
assert os.path.exists(cache + "/packages/s1/h1/1/file")
print("finding holds: neither a pin nor a lease keeps a tree without .install_complete")
PYTHON
