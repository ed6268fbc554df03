#!/bin/sh
# Rows of pulled blobs name their files by the root of then. In a cache that lies elsewhere now (moved, mounted or
# restored under another path), GC finds no file, deletes the rows and reports all their bytes as freed: the blobs stay
# on the disk, and no GC sees them again.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import os

from fbuild_cache import NOTHING, cache, fbuild, folder, index
from loopback import point, serve

blob = b"assets" * 100
point(folder + "/project", serve({"tiles.bin": blob}) + "tiles.bin", blob)
assert fbuild("lnk", "pull", folder + "/project").returncode == 0
((path,),) = index("SELECT archive_path FROM entries")
os.rename(cache, folder + "/moved")
os.environ["FBUILD_CACHE_DIR"] = folder + "/moved"
result = fbuild("purge", "--gc", **NOTHING)
there = os.path.getsize(path.replace(cache, folder + "/moved"))
again = fbuild("purge", "--gc", **NOTHING)
print(result.returncode, result.stdout.strip(), "- still there:", there, "-", again.stdout.strip())
assert "Total freed:       600 B" in result.stdout and there == 600
assert again.stdout.strip() == "GC: nothing to clean up"
print("finding holds: 600 bytes were freed, and are there")
PYTHON
