#!/bin/sh
# Whoever may write the folder and not the index loses a tree to `purge --gc`: the tree is removed first, then the row
# cannot be cleared, and the run ends with an error that names no entry. The next run takes it for evicted bytes again.
# Needs an ordinary user, since root may write everything: run by root, it plays one.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import os

from fbuild_cache import cache, fbuild, folder, index, package

for number in (1, 2):
    package(number, 3000, number * 1000)
    os.makedirs(f"{cache}/packages/p{number}", exist_ok=True)
    with open(f"{cache}/packages/p{number}/file", "w") as file:
        file.write("x")
user = 65534 if os.getuid() == 0 else os.getuid()
if os.getuid() == 0:
    for place, folders, files in os.walk(folder):
        for path in [place, *(os.path.join(place, name) for name in files)]:
            os.chown(path, user, user, follow_symlinks=False)
os.chmod(cache + "/index.sqlite", 0o444)
result = fbuild("purge", "--gc", user=user, ARCHIVE_BUDGET=0, INSTALLED_BUDGET=0, HIGH_WATERMARK=0)
said = result.stdout + result.stderr
print(result.returncode, said.strip())
assert result.returncode == 1 and "attempt to write a readonly database" in said and "p1" not in said
assert not os.path.exists(cache + "/packages/p1") and os.path.exists(cache + "/packages/p2")
assert index("SELECT id, installed_bytes FROM entries ORDER BY id") == [(1, 3000), (2, 3000)]
print("finding holds: the tree is gone, its row is whole, and the error names neither")
PYTHON
