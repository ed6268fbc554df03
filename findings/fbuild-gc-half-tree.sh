#!/bin/sh
# A tree that cannot be removed whole loses what can be removed. Its row goes on saying that it is
# installed, with all its bytes, a newer tree goes in its place, the exit code is 0, and nothing is printed about it.
# Needs an ordinary user, since root may remove everything: run by root, it plays one.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import os

from fbuild_cache import cache, fbuild, folder, index, package

package(1, 3000, 1000)
os.makedirs(cache + "/packages/p1/a")
os.makedirs(cache + "/packages/p1/locked")
for name in ("a/one", "a/two", "locked/three"):
    with open(f"{cache}/packages/p1/{name}", "w") as file:
        file.write("x")
package(2, 3000, 2000)
os.chmod(cache + "/packages/p1/locked", 0o555)
user = 65534 if os.getuid() == 0 else os.getuid()
if os.getuid() == 0:
    for place, folders, files in os.walk(folder):
        for path in [place, *(os.path.join(place, name) for name in files)]:
            os.chown(path, user, user, follow_symlinks=False)
result = fbuild(
    "purge", "--gc", user=user, ARCHIVE_BUDGET=0, INSTALLED_BUDGET=3000, HIGH_WATERMARK="1G")
print(result.returncode, result.stdout.strip(), result.stderr.strip())
left = sum(len(files) for _, _, files in os.walk(cache + "/packages/p1"))
print("files left of four:", left, "- the newer tree is there:", os.path.exists(cache + "/packages/p2"))
assert result.returncode == 0 and "p1" not in result.stdout + result.stderr
assert 0 < left < 4, left
assert not os.path.exists(cache + "/packages/p2")
assert index("SELECT id, installed_bytes FROM entries") == [(1, 3000)]
os.chmod(cache + "/packages/p1/locked", 0o755)
print("finding holds: a part of the older tree is gone, its row is whole, and the newer tree went for it")
PYTHON
