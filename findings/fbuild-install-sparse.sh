#!/bin/sh
# A file with holes that GNU tar packed with `--sparse --format=posix` comes out of `fbuild install` in a folder
# GNUSparseFile.PID beside its place, with the map of its holes as its first bytes and without the holes. The package
# counts as fetched, and its sentinel is written. Packed with `--format=gnu` the file is right. Python reads both.
# Seen with fbuild 2.5.47 (PyPI) and GNU tar 1.34 on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import os
import subprocess
import tarfile

from fbuild_install import install, toolchain

made = toolchain()
image = made + "/image.bin"
with open(image, "wb") as file:
    file.truncate(1 << 20)
    file.seek(1 << 19)
    file.write(b"DATA" * 1024)
with open(image, "rb") as file:
    content = file.read()
for kind in ("gnu", "posix"):
    archive = f"{made}-{kind}.tar.gz"
    subprocess.run(["tar", "-czf", archive, "--sparse", "--hole-detection=raw", f"--format={kind}",
                    "-C", os.path.dirname(made), "avr"], check=True)
    with tarfile.open(archive) as whole:
        assert whole.extractfile("avr/image.bin").read() == content
    with open(archive, "rb") as file:
        result, tree = install(f"avr-{kind}.tar.gz", file.read())
    print(kind, result.returncode, result.stdout.strip(), sorted(os.listdir(tree + "/avr")))
    assert result.returncode == 0 and os.path.exists(tree + "/.install_complete")
    if kind == "gnu":
        with open(tree + "/avr/image.bin", "rb") as file:
            assert file.read() == content
    else:
        (aside,) = [name for name in os.listdir(tree + "/avr") if name.startswith("GNUSparseFile.")]
        assert not os.path.exists(tree + "/avr/image.bin"), "it is in its place"
        assert 4096 <= os.path.getsize(f"{tree}/avr/{aside}/image.bin") < len(content)
print("finding holds: the file is in another place and has other bytes, and fbuild calls it fetched")
PYTHON
