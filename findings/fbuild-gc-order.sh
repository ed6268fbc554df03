#!/bin/sh
# Over the high watermark by its archives and installed packages together, GC evicts archives until the
# sum fits, however old the packages are: packages go only when they alone are above their target.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import os

from fbuild_cache import cache, fbuild, index, package

package(1, 5000, 1000)
os.makedirs(cache + "/archives/new")
with open(cache + "/archives/new/file.zip", "wb") as file:
    file.write(b"y" * 6000)
index("INSERT INTO entries (id, kind, url, stem, hash, version, archive_path, archive_bytes, archived_at,"
      " last_used_at, use_count, pinned) VALUES (2, 'packages', 'https://example.com/2', 's2', 'h2', '1',"
      " 'archives/new/file.zip', 6000, 9000, 9000, 1, 0)")
result = fbuild("purge", "--gc", ARCHIVE_BUDGET=8000, INSTALLED_BUDGET=8000, HIGH_WATERMARK=10000)
print(result.returncode, result.stdout.strip())
assert os.path.exists(cache + "/packages/p1"), "the older package went"
assert not os.path.exists(cache + "/archives/new/file.zip")
print("finding holds: the archive used last went, the package not used for longest stayed")
PYTHON
