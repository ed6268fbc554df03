"""The packages that are unpacked, and how they are fetched: by the clients of their own registries."""

import gzip
import lzma
import pathlib
import subprocess
import sys

# Cross toolchains, C libraries and what goes with them; none has a link to an absolute place, which is
# refused by rule.
DEBIAN = """
    avr-libc avrdude binutils-arm-none-eabi binutils-avr binutils-riscv64-unknown-elf dfu-util gcc-avr
    gcc-arm-none-eabi libc6-dev-arm64-cross libc6-dev-armhf-cross libc6-dev-riscv64-cross libgcc-12-dev
    libgcc-12-dev-armhf-cross libnewlib-dev libstdc++-12-dev libstdc++-12-dev-arm64-cross
    libusb-1.0-0-dev linux-libc-dev linux-libc-dev-arm64-cross linux-libc-dev-armhf-cross openocd
    picolibc-arm-none-eabi stlink-tools
""".split()

# Name, and whether the source or the wheel: setuptools, flit, hatchling, Poetry, PDM, Meson, maturin and
# scikit-build have each packed one.
PYPI = [
    ("esptool", "source"), ("flit-core", "source"), ("pdm-backend", "source"),
    ("platformio", "source"), ("poetry-core", "source"), ("pyserial", "source"),
    ("setuptools", "source"), ("tomli", "source"), ("cryptography", "wheel"),
    ("hatchling", "wheel"), ("meson", "wheel"), ("ninja", "wheel"), ("numpy", "wheel"),
    ("pdm-backend", "wheel"), ("poetry-core", "wheel"), ("pydantic-core", "wheel"),
    ("pyserial", "wheel"), ("setuptools", "wheel"), ("tomli", "wheel"),
]


def fetch(folder, word):
    """Every archive that can be had: `(path, extract)`."""
    for name in DEBIAN:
        if word in name:
            yield from attempt(name, debian, name, folder)
    for name, kind in PYPI:
        if word in name:
            yield from attempt(f"{name} ({kind})", pypi, name, kind, folder)


def attempt(label, function, *arguments):
    try:
        yield function(*arguments)
    except (OSError, StopIteration, subprocess.SubprocessError) as error:
        print(f"none  {label}: cannot be fetched ({error})", file=sys.stderr, flush=True)


def debian(name, folder):
    made = folder / f"{name}.tar.gz"
    if not made.exists():
        place = folder / "deb" / name
        place.mkdir(parents=True, exist_ok=True)
        run(["apt-get", "download", "-qq", name], place)
        package = next(place.glob("*.deb"))
        run(["ar", "x", package.name], place)
        # Only the compression changes: the bytes of the tar stay.
        data = next(place.glob("data.tar*")).read_bytes()
        plain = lzma.decompress(data) if data[:6] == b"\xfd7zXZ\0" else data
        save(made, gzip.compress(plain, 1, mtime=0))
        for path in place.iterdir():
            path.unlink()
    return made, "tar.gz"


def pypi(name, kind, folder):
    place = folder / kind / name
    place.mkdir(parents=True, exist_ok=True)
    ending = ".tar.gz" if kind == "source" else ".whl"
    if not any(place.glob(f"*{ending}")):
        only = "--no-binary" if kind == "source" else "--only-binary"
        run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", only, name, name], place)
    return next(place.glob(f"*{ending}")), "tar.gz" if kind == "source" else "zip"


def save(path, data):
    partial = path.with_suffix(".partial")
    partial.write_bytes(data)
    partial.rename(path)


def run(command, folder):
    subprocess.run(
        command, cwd=pathlib.Path(folder), check=True, timeout=600, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
