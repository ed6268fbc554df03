"""Kills every changing command at each of its calls that change something, and looks at what is left.

    python3 Tests/Crash BINARY [--case NAME] [--sample] [--fbuild PATH]

Each call is struck once by SIGKILL before it happens, each write once more after one half of it. After each
kill a fresh process finds a sound index (T-J1), no row for a file that is not there or not the one (T-J2,
T-J5), nothing outside of the cache changed (T-J3), no lease that does not belong to a dead process (T-J4),
what was acknowledged (T-J7), and real fbuild opens the cache (T-J8). Then the command runs once more, for
every third kill after a run that was killed too, and must end as if nothing had happened (T-J6).
"""

import os
import random
import sys
import tempfile
import threading

from cases import CASES
from trial import Count, Tools, Trial, arguments, place
from world import World

WANTED = 3072
# Calls beyond the last one: some runs make a few more, as threads meet otherwise.
SPARE = 12


def every_place(trial):
    """Each call, and each write once more."""
    for at in range(1, len(trial.calls) + SPARE):
        yield "kill", at
    for at, call in enumerate(trial.calls, 1):
        if call[0] in ("write", "pwrite64"):
            yield "torn", at


def run_case(case, worlds, count, options):
    """All kills of a case, spread over the worlds."""
    places, guard = None, threading.Lock()

    def work(world, number):
        nonlocal places
        try:
            trial = Trial(case, world)
            with guard:
                if places is None:
                    places = enumerate(places_of(trial, options))
            while True:
                with guard:
                    item = next(places, None)
                if item is None:
                    break
                turn, (how, at) = item[0], (item[1][0], int(item[1][1]))
                twice = turn % 3 == 2
                faults = trial.kill(how, at, twice)
                if faults is not None:
                    count.add(faults, twice=int(twice))
            if world.tools.fbuild and not case.cache.endswith("legacy-cache"):
                for at in range(1 + number, len(trial.calls), max(1, len(trial.calls) // 4)):
                    count.add(trial.peer(at), kills=1, peers=1)
        except Exception as error:
            count.add([f"{case.name}: {type(error).__name__}: {error}"], kills=0)

    threads = [threading.Thread(target=work, args=(world, n)) for n, world in enumerate(worlds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def places_of(trial, options):
    if options.at:
        return [tuple(item.split(":")) for item in options.at]
    if not options.sample:
        return every_place(trial)
    chosen = random.Random(trial.case.name)
    return [("kill", chosen.randrange(1, len(trial.calls) + 1)) for _ in range(options.sample)]


def main():
    parser = arguments()
    parser.add_argument("--sample", type=int, default=0)
    options = parser.parse_args()
    cases = [case for case in CASES if not options.case or case.name in options.case]
    kills = 0
    faults = []
    with tempfile.TemporaryDirectory(prefix="cachescope-crash-", dir=place()) as folder:
        tools = Tools(options, folder)
        worlds = [World(os.path.join(folder, f"world{n}"), tools) for n in range(options.jobs)]
        if options.sample:
            worlds = worlds[:1]
        for world in worlds:
            world.build()
        for case in cases:
            count = Count()
            run_case(case, worlds, count, options)
            print(f"{case.name:24} {count.kills:5} kills, {count.twice:4} of them twice, "
                  f"{count.peers:2} seen by fbuild, {len(count.faults)} faults", flush=True)
            for fault in count.faults[:20]:
                print("  " + fault, flush=True)
            kills += count.kills + count.twice
            faults += count.faults
    print(f"{kills} kills in {len(cases)} commands, {len(faults)} faults")
    if not options.sample and not options.case and kills < WANTED:
        print(f"fewer than {WANTED} kills")
        return 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
