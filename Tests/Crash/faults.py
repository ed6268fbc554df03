"""Lets each call of every changing command that changes something fail, and looks at what is said and left.

    python3 Tests/Crash/faults.py BINARY [--case NAME] [--at HOW:N]

Each call fails once, with errors in turn (EIO, EMFILE, ENOMEM, EDQUOT), and once more with ENOSPC from there on; an
EINTR and a short write must not be noticed. The program ends by itself, with the exit code of the cause and a
sentence; what it says was made is there, the index is sound (T-I1 to T-I4), and the next run makes it;
of what is removed half (T-E9) the rest goes then.
"""

import os
import sys
import tempfile
import threading

from cases import CASES
from trial import Count, Tools, Trial, arguments, place
from world import World

TURNS = ("EIO", "EMFILE", "ENOMEM", "EDQUOT")
# Errors that a program gets over by trying again.
HARMLESS = {"EINTR", "short"}
FULL = {"ENOSPC", "EDQUOT"}
# What only saves time later: the run is right without it.
NOTES = ("/verified", "/.verified", "/looks/", "/plans/", "/targets", "/events.jsonl", ".cachescope.lock", "index.sqlite-shm")
OPENING = {"open", "openat", "openat2"}
SYNCING = {"fsync", "fdatasync", "syncfs"}
WRITING = {"write", "pwrite64"}


def faults_of(number, call):
    """The errors that this call gets, each in a run of its own."""
    yield "ENOSPC+"
    error = TURNS[number % len(TURNS)]
    yield "EMFILE" if call[0] in OPENING else "EIO" if call[0] in SYNCING else error
    if call[0] in WRITING:
        yield "short"
    if call[0] in WRITING | OPENING:
        yield "EINTR"


def codes(trial, how):
    error = how.rstrip("+")
    if error in HARMLESS:
        return {trial.case.code}
    # A full disk is refused (7); whatever else fails is a failure (1).
    return {trial.case.code, 7 if error in FULL else 1, *((1,) if error in FULL else ())}


def owes(calls):
    """Whether something that counts was written to the file of the last call, a sync, since the one before.

    SQLite moves pages from its log into the index when their commits are on the disk; where that fails it
    keeps the log. It syncs the folder of the log too, and does not ask what came of it.
    """
    file = calls[-1][-1]
    if any(note in file for note in NOTES) or file.endswith("/index.sqlite") or os.path.basename(file) in (
            "cache", "legacy-cache", "new"):
        return False
    for name, *path in reversed(calls[:-1]):
        if path and path[0] == file:
            return name not in SYNCING
    return True


def fail(trial, how, at):
    """What is wrong after a run in which a call failed."""
    world, case = trial.world, trial.case
    world.restore("start")
    result, calls = world.strike(trial.words, how, at, **case.variables)
    if len(calls) < at:
        return None
    call = calls[at - 1]
    found, facts = [], world.facts()
    if result.returncode not in codes(trial, how):
        found.append(f"exit code {result.returncode}: {result.stderr[-300:]}")
    said = result.stdout + result.stderr
    if result.returncode != case.code and not said:
        found.append("failed without a word")
    if result.returncode == case.code and not trial.is_made():
        found.append(f"it says that it was made, and it was not: {said[-200:]}")
    if call[0] in SYNCING and how == "EIO" and result.returncode == case.code and owes(calls[:at]):
        found.append("a sync failed, and nothing was said")
    found += trial.look(facts, False)
    after, code = trial.once_more()
    if after.returncode != code:
        found.append(f"the next run ends with {after.returncode}: {after.stderr[-300:]}")
    found += trial.converged(world.facts())
    return [f"{case.name}, {how} at {at} ({' '.join(call)}): {fault}" for fault in found]


def work(case, world, number, count, options, places):
    try:
        trial = Trial(case, world)
        wanted = [(item.split(":")[0], int(item.split(":")[1])) for item in options.at or ()]
        every = [(how, at) for at, call in enumerate(trial.calls, 1) for how in faults_of(at, call)]
        for turn, (how, at) in enumerate(wanted or every):
            if turn % places == number:
                found = fail(trial, how, at)
                if found is not None:
                    count.add(found)
    except Exception as error:
        count.add([f"{case.name}: {type(error).__name__}: {error}"], kills=0)


def main():
    options = arguments().parse_args()
    total, faults = 0, 0
    with tempfile.TemporaryDirectory(prefix="cachescope-faults-", dir=place()) as folder:
        tools = Tools(options, folder)
        worlds = [World(os.path.join(folder, f"world{n}"), tools) for n in range(options.jobs)]
        for world in worlds:
            world.build()
        for case in [case for case in CASES if not options.case or case.name in options.case]:
            count = Count()
            threads = [
                threading.Thread(target=work, args=(case, world, n, count, options, len(worlds)))
                for n, world in enumerate(worlds)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            print(f"{case.name:24} {count.kills:5} failed calls, {len(count.faults)} faults", flush=True)
            for fault in count.faults[:20]:
                print("  " + fault, flush=True)
            total, faults = total + count.kills, faults + len(count.faults)
    print(f"{total} failed calls, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
