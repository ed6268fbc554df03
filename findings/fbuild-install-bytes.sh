#!/bin/sh
# One installed tree has three sizes. `install` records a file once for each of its hard links and no symbolic link:
# GC goes by that. `purge` lists what symbolic links lead to, too. On the disk each file is there once. Compilers
# have both: bin/avr-ld and avr/bin/ld are one file, lib64 leads to lib.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import gzip
import os

from fbuild_cache import fbuild, index
from fbuild_install import install, tar, toolchain, write

made = toolchain()
write(made + "/bin/avr-ld", b"x" * 100 * 1024)
write(made + "/lib/libgcc.a", b"x" * 300 * 1024)
os.makedirs(made + "/avr/bin")
os.link(made + "/bin/avr-ld", made + "/avr/bin/ld")
os.symlink("lib", made + "/lib64")
result, tree = install("avr.tar.gz", gzip.compress(tar(made) + bytes(1024)))
assert result.returncode == 0, result.stdout
files = [os.lstat(f"{place}/{name}") for place, _, names in os.walk(tree) for name in names]
once = sum({file.st_ino: file.st_size for file in files}.values())
assert os.path.islink(tree + "/avr/lib64") and 400 * 1024 <= once < 401 * 1024, once
((recorded,),) = index("SELECT installed_bytes FROM entries WHERE kind = 'toolchains'")
listed = fbuild("purge", "toolchains", "--dry-run").stdout
print(f"on the disk {once}, recorded {recorded},", listed.strip())
assert recorded == once + 100 * 1024
assert "(800.1 KB)" in listed
print("finding holds: 400 KiB are recorded as 500 and listed as 800")
PYTHON
