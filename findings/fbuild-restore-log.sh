#!/bin/sh
# A `lnk pull` of which one pointer fails leaves a WAL beside the index. `cache restore` replaces the index, keeps that
# WAL, and ends with 0: fbuild then reads the rows from before the restore, and not one of those that were restored.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import os
import shutil

from fbuild_cache import cache, fbuild, folder
from loopback import point, serve

blob = b"assets" * 100
url = serve({"tiles.bin": blob, "font.bin": blob})
point(folder + "/saved", url + "tiles.bin", blob)
point(folder + "/here", url + "font.bin", blob)
point(folder + "/here", url + "gone.bin", blob)
assert fbuild("lnk", "pull", folder + "/saved").returncode == 0
assert fbuild("cache", "save", "saved.tar.zst").returncode == 0
shutil.rmtree(cache)
assert fbuild("lnk", "pull", folder + "/here").returncode == 1
assert os.path.getsize(cache + "/index.sqlite-wal") > 0, "the log is empty: a failed pull closes its index"
restored = fbuild("cache", "restore", "saved.tar.zst")
saved, here = (fbuild("lnk", "check", f"{folder}/{name}").stdout for name in ("saved", "here"))
print(restored.returncode, restored.stdout.strip(), saved.strip(), here.strip())
assert restored.returncode == 0 and "0 ok, 1 missing" in saved and "1 ok, 1 missing" in here
print("finding holds: the restored index is not the one that fbuild reads")
PYTHON
