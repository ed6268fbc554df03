#!/bin/sh
# Leases and pins are saved with the index. Where the archive is restored, a lease protects its entry for as
# long as any process has the number that its holder had on the host that saved it.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import os
import shutil
import subprocess

from fbuild_cache import NOTHING, cache, complete, fbuild, index

# A stranger that has the number here; on the host that saved the archive it was a build's.
stranger = subprocess.Popen(["sleep", "600"])
try:
    tree = complete(1, 5000, 1000)
    complete(2, 5000, 2000)
    for number, pid in ((1, stranger.pid), (2, 2 ** 22 + 1)):
        index("INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)"
              " VALUES (?, ?, 5, 1, 5)", number, pid)
    index("UPDATE entries SET pinned = 1")
    fbuild("cache", "save", "saved.tar.zst")
    shutil.rmtree(cache)
    fbuild("cache", "restore", "saved.tar.zst")
    print(index("SELECT entry_id, holder_pid FROM leases"))
    result = fbuild("purge", "--gc", **NOTHING)
    print(result.stdout.strip())
    assert "Installed evicted: 1" in result.stdout and os.path.exists(tree + "/file")
finally:
    stranger.kill()
    stranger.wait()
print("finding holds: the lease came along, and a stranger's number keeps it")
PYTHON
