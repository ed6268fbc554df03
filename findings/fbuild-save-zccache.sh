#!/bin/sh
# `cache save --include zccache` with FBUILD_CACHE_DIR set saves no file of the compile cache, which lies
# beside the home's cache as before, and ends with 0.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import os

from fbuild_cache import daemon, fbuild, until

compiled = os.environ["HOME"] + "/.fbuild/prod/zccache"
with daemon():
    until(lambda: os.path.isdir(compiled) and os.listdir(compiled))
version = compiled + "/" + [name for name in os.listdir(compiled) if name.startswith("v")][0]
assert any(files for _, _, files in os.walk(version)), "the daemon keeps nothing there now"
result = fbuild("cache", "save", "--include", "zccache", "saved.tar.zst")
print(result.returncode, result.stdout.strip())
assert result.returncode == 0 and "1 slice(s), 0 file(s)" in result.stdout
print("finding holds: the slice is named and empty")
PYTHON
