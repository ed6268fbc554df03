#!/bin/sh
# Of an archive that holds several members of gzip, or streams of bzip2, one after the other (as tools write it that
# compress on several processors), `fbuild install` reads the first alone. Where that ends between two files, the rest
# is missing from the tree, the package counts as fetched, and its sentinel is written. GNU tar and Python read all.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import bz2
import gzip
import io
import os
import tarfile

from fbuild_install import install, tar, toolchain, write

made = toolchain()
write(made + "/include/io.h", b"x" * 5000)
parts = tar(made + "/bin"), tar(made + "/include") + bytes(1024)
for name, compress in (("avr.tar.gz", gzip.compress), ("avr.tar.bz2", bz2.compress)):
    archive = b"".join(compress(part) for part in parts)
    with tarfile.open(fileobj=io.BytesIO(archive)) as whole:
        assert "avr/include/io.h" in whole.getnames()
    result, tree = install(name, archive)
    print(result.returncode, result.stdout.strip(), os.listdir(tree + "/avr"))
    assert result.returncode == 0 and os.path.exists(tree + "/.install_complete")
    assert os.listdir(tree + "/avr") == ["bin"], "the second part is there"
print("finding holds: half of the toolchain is missing, and fbuild calls it fetched")
PYTHON
