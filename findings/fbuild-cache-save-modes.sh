#!/bin/sh
# `cache save` and `cache restore` drop the right to execute, symbolic links and empty folders, and `cache
# verify` calls the archive sound: a toolchain that was restored cannot be run.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import os
import shutil

from fbuild_cache import cache, complete, fbuild

tree = complete(1, 5000, 1000)
os.chmod(tree + "/file", 0o755)
os.symlink("file", tree + "/link")
os.makedirs(tree + "/empty")
saved = fbuild("cache", "save", "saved.tar.zst")
verified = fbuild("cache", "verify", "saved.tar.zst")
assert saved.returncode == 0 and "VERIFIED OK" in verified.stdout
shutil.rmtree(cache)
restored = fbuild("cache", "restore", "saved.tar.zst")
print(restored.returncode, restored.stdout.strip(), sorted(os.listdir(tree)))
assert restored.returncode == 0 and os.stat(tree + "/file").st_mode & 0o111 == 0
assert sorted(os.listdir(tree)) == [".install_complete", "file"]
print("finding holds: 0755 comes back as 0644, the link and the empty folder do not come back")
PYTHON
