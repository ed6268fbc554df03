#!/bin/sh
# Each start of a daemon removes every blob that `lnk pull` has fetched, also one that is pinned and leased by a living
# process: it removes each folder without folders in it that is no row's path, and the row of a blob has the path of
# the file. The row keeps path and size until the next start, and the next pull downloads again.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import os

from fbuild_cache import daemon, fbuild, folder, index, until
from loopback import point, serve

blob = b"assets" * 100
project = folder + "/project"
point(project, serve({"tiles.bin": blob}) + "tiles.bin", blob)
pulled = fbuild("lnk", "pull", project)
assert pulled.returncode == 0, pulled.stdout
index("UPDATE entries SET pinned = 1")
index("INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)"
      " SELECT id, ?, 5, 1, 5 FROM entries", os.getpid())
((path,),) = index("SELECT archive_path FROM entries")
with daemon():
    until(lambda: not os.path.exists(path))
row = index("SELECT archive_path, archive_bytes, pinned FROM entries")
checked = fbuild("lnk", "check", project)
print(row, checked.returncode, checked.stdout.strip())
assert row == [(path, len(blob), 1)] and checked.returncode == 1
print("finding holds: the blob is gone, its row is whole")
PYTHON
