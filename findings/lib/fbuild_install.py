"""Toolchains made here, and installed by real fbuild from a server on 127.0.0.1."""

import io
import os
import tarfile

from fbuild_cache import cache, fbuild, folder, index
from loopback import serve

PROGRAMS = ("ar", "g++", "gcc", "gcc-ar", "nm", "objcopy", "objdump", "size")
CORE = ("boards.txt", "platform.txt", "cores/arduino/Arduino.h", "cores/arduino/main.cpp",
        "variants/standard/pins_arduino.h")


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)


def toolchain():
    """A folder with the programs that fbuild asks a toolchain for; more may be put beside them."""
    for name in PROGRAMS:
        path = f"{folder}/made/avr/bin/avr-{name}"
        write(path, b"#!/bin/sh\n")
        os.chmod(path, 0o755)
    return folder + "/made/avr"


def tar(*paths):
    """These files and folders of a toolchain, without the records that end an archive."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for path in paths:
            archive.add(path, os.path.relpath(path, folder + "/made"))
        return made.getvalue()[:archive.offset]


def install(name, archive):
    """Lets a project install that archive; fbuild's answer, and the tree that it made of it."""
    for path in CORE:
        write(f"{folder}/made/core/{path}", b"x\n")
    core = io.BytesIO()
    with tarfile.open(fileobj=core, mode="w:gz") as made:
        made.add(folder + "/made/core", "core")
    url = serve({name: archive, "core.tar.gz": core.getvalue()})
    write(folder + "/project/src/main.cpp", b"int main() {}\n")
    write(folder + "/project/platformio.ini", f"""[env:uno]
platform = atmelavr
board = uno
framework = arduino
platform_packages =
  toolchain-atmelavr @ {url}{name}
  framework-arduino-avr @ {url}core.tar.gz
""".encode())
    result = fbuild("install", folder + "/project")
    rows = index("SELECT installed_path FROM entries WHERE url = ?", url + name)
    return result, f"{cache}/{rows[0][0]}" if rows else None
