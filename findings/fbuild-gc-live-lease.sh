#!/bin/sh
# GC goes by the column pinned, and recomputes it from the leases only in a run that reaps some lease.
# So a lease of a living process protects its entry or not, depending on a lease on another entry.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import os

from fbuild_cache import NOTHING, cache, fbuild, index, package

def leased(number, pid):
    index("INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)"
          " VALUES (?, ?, 5, 1, 5)", number, pid)


for dead in (False, True):
    index("DELETE FROM entries")
    index("DELETE FROM leases")
    package(1, 3000, 1000)
    package(2, 3000, 2000)
    leased(1, os.getpid())
    if dead:
        leased(2, 2 ** 22 + 1)  # Beyond the largest pid of Linux.
    result = fbuild("purge", "--gc", **NOTHING)
    survived = os.path.exists(cache + "/packages/p1")
    print("a dead lease elsewhere:", dead, "- the leased tree survived:", survived)
    assert survived == dead, result.stdout
print("finding holds: a living lease protects only beside a dead one")
PYTHON
