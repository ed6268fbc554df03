"""Timing whole programs, side by side, and judging ratios."""

import os
import resource
import statistics
import subprocess
import time

ROUNDS = 9


class Sample:
    """The measures of one contestant, in one unit."""

    def __init__(self):
        self.values = []

    def add(self, value):
        self.values.append(value)

    @property
    def median(self):
        return statistics.median(self.values)

    @property
    def least(self):
        return min(self.values)

    def show(self, unit):
        scale, digits = {"ms": (1000, 2), "MB": (1 / 1024, 1), "": (1, 0)}[unit]
        return f"{self.median * scale:.{digits}f} {unit} (min {self.least * scale:.{digits}f})"


def spawn(command, environment):
    """Runs a program without a terminal; gives its seconds from start to end."""
    null = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, null, descriptor) for descriptor in (0, 1, 2)]
    start = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, environment, file_actions=actions)
    _, status = os.waitpid(pid, 0)
    seconds = time.perf_counter() - start
    os.close(null)
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {code}")
    return seconds


def processor_seconds(command, environment):
    """What the program and its children keep processors busy."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    spawn(command, environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def peak(command, environment):
    """The peak memory of a program in KiB, by GNU time, which is smaller than any of them."""
    result = subprocess.run(
        ["/usr/bin/time", "-f", "%M", *command], env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return int(result.stderr.split()[-1])


def race(contestants, rounds=ROUNDS):
    """Runs each contestant once per round, in turn; gives a sample for each name."""
    samples = {name: Sample() for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            samples[name].add(run())
    return samples


class Report:
    """The table: what was measured, the required ratio, pass or miss."""

    def __init__(self):
        self.missed = 0
        # What was measured, in order: identifier, sentence, and what came of it.
        self.measures = []

    def head(self, identifier, sentence):
        self.measures.append((identifier, sentence, [], []))
        print(f"\n{identifier}  {sentence}", flush=True)

    def line(self, name, sample, unit):
        self.measures[-1][2].append((name, sample.show(unit)))
        print(f"    {name:34} {sample.show(unit)}", flush=True)

    def judge(self, what, value, limit, form="{:.2f}"):
        passed = value <= limit
        self.missed += not passed
        self.measures[-1][3].append((what, form.format(value), form.format(limit), passed))
        print(f"    {'pass' if passed else 'MISS'}  {what}: {form.format(value)}"
              f" (required <= {form.format(limit)})", flush=True)

    def skip(self, reason):
        self.measures[-1][3].append((f"skipped: {reason}", "", "", True))
        print(f"    skipped: {reason}", flush=True)
