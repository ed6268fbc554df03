#!/bin/sh
# In a cache that several users share, a lease of another user's living process is dead to fbuild 2.2.30, whose GC takes
# the lease and its entry, and alive to 2.5.47, which keeps both: the former takes EPERM of kill for an answer that
# nobody is there.
# Needs process 1 to be another user's: run by root, it plays an ordinary user.
# Seen with fbuild 2.2.30 and 2.5.47 (PyPI) on Linux.
for version in 2.2.30 2.5.47; do
  "$(dirname "$0")/lib/with-fbuild" $version <<'PYTHON' || exit
import os
import sys

from fbuild_cache import NOTHING, cache, fbuild, folder, index, package

user = 65534 if os.getuid() == 0 else os.getuid()
if os.stat("/proc/1").st_uid == user:
    sys.exit(77)
package(1, 3000, 1000)
index("INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at) VALUES (1, 1, 5, 1, 5)")
index("UPDATE entries SET pinned = 1")
if os.getuid() == 0:
    for place, folders, files in os.walk(folder):
        for path in [place, *(os.path.join(place, name) for name in files)]:
            os.chown(path, user, user, follow_symlinks=False)
version = fbuild("--version").stdout.split()[-1]
result = fbuild("purge", "--gc", user=user, **NOTHING)
kept = os.path.exists(cache + "/packages/p1")
print(version, "- kept:", kept, result.stdout.strip(), index("SELECT holder_pid FROM leases"))
assert kept == (version == "2.5.47"), result
print(f"finding holds: to {version}, another user's lease is {'alive' if kept else 'dead'}")
PYTHON
done
