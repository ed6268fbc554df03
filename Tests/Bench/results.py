"""The page of results: what one whole run has measured."""

import os
import pathlib
import platform
import re
import subprocess
import textwrap
import time

# Why a goal is missed, by measure and a part of what was judged.
REASONS = {
    ("PT1", "ncdu"): "SQLite, the limits and all holders are looked at first; a bare start of the program is a quarter",
    ("PT2", "milliseconds"): "the page is read before the totals, and waits for the leases that its rows name",
    ("PT3 PT4 PT5", "memory"): "most of it are pages of the program file, which processes share",
    ("PF11", "cache-stats"): "leases are judged and findings made, which cache-stats does not do",
    ("PF7", "sqlite3"): "each cell is checked for its type, and text is escaped for JSON",
    ("PF6", "curl"): "each blob is synced, recorded in the index, and that is synced, too",
    ("PF6", "fbuild"): "the same",
    ("PF9", ""): "two thirds of it is the answer: 100,000 rows, each with why it stays",
    ("PF13", "tar"): "the archive is hashed, and each file is made under a folder that is held",
    ("W4", "core"): "an index that never rests is read again for a fifteenth of the time",
    ("PF21", "openssl"): "each blob has its row, and the new index is checked and synced",
}


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except OSError:
        return None
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[0] if lines else None


def machine(folder):
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    kind = first_line("stat", "--file-system", "--format", "%T", folder)
    return (f"{os.cpu_count()} cores ({model[1] if model else platform.machine()}), "
            f"{int(memory[1]) >> 20} GiB of memory, {system}, Linux {platform.release().split('-')[0]}, {kind}")


def versions(bench):
    asked = {
        "cachescope": (bench.binary, "--version"), "fbuild": (bench.fbuild, "--version"),
        "ncdu": ("ncdu", "--version"), "htop": ("htop", "--version"), "sqlite3": ("sqlite3", "--version"),
        "curl": ("curl", "--version"), "openssl": ("openssl", "version"), "tar": ("tar", "--version"),
        "bsdtar": ("bsdtar", "--version"), "find": ("find", "--version"),
    }
    found = {name: first_line(*command) for name, command in asked.items() if command[0]}
    return [f"{name}: {text.split(' (')[0][:60]}" for name, text in found.items() if text]


def reason(identifier, what):
    return next((text for (name, part), text in REASONS.items() if name == identifier and part in what), "")


def write(bench, folder, path):
    lines = [
        "# Measures", "",
        "One run of `make bench`, written by it. Each figure is a median beside its peers in that run.", "",
        f"- {time.strftime('%Y-%m-%d')}, {machine(folder)}", f"- {'; '.join(versions(bench))}", ""]
    lines = [part for line in lines for part in folded(line)]
    for identifier, sentence, samples, judged in bench.report.measures:
        lines += [f"## {identifier}: {sentence}", ""]
        lines += [f"- {name}: {value}" for name, value in samples]
        for what, value, limit, passed in judged:
            why = "" if passed else reason(identifier, what)
            verdict = "" if not limit else f": {value}, at most {limit} asked" + ("" if passed else ": **missed**")
            lines += folded(f"- {what}{verdict}" + (f". {why}" if why else ""))
        lines.append("")
    lines.append(f"{bench.report.missed} goals missed.")
    path = pathlib.Path(path)
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


def folded(line):
    """Lines below 120 characters."""
    if not line:
        return [""]
    return textwrap.wrap(line, 118, subsequent_indent="  " if line.startswith("- ") else "",
                         break_long_words=False, break_on_hyphens=False)
