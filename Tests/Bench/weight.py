"""What the program weighs: its size, its first build and its bare start, against an earlier commit's."""

import os
import pathlib

import data
from measure import Sample, peak, processor_seconds, race


class Build:
    """A first build that Scripts/first-build has made."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.binary = str(self.folder / "cachescope")

    @property
    def size(self):
        return os.path.getsize(self.binary)

    @property
    def seconds(self):
        return sum(float(part) for part in (self.folder / "seconds").read_text().split())


class WeightBench:
    def __init__(self, bench):
        self.bench, self.report = bench, bench.report
        place = pathlib.Path(bench.folder)
        self.ours, self.baseline = Build(place / "first"), Build(place / "baseline")
        self.exists = (self.baseline.folder / "commit").exists()

    def compare(self, sentence, name, ours, theirs, limit):
        self.report.head(name, sentence)
        if not self.exists:
            self.report.skip("no baseline: make bench BASELINE=COMMIT")
            return
        print(f"    now {ours:.2f}, baseline {theirs:.2f}", flush=True)
        self.report.judge("ratio to the baseline", ours / theirs, limit)

    def w1(self):
        ours, theirs = (build.size / 1e6 if self.exists else 0 for build in self.pair)
        self.compare("the stripped program, in MB", "W1", ours, theirs, 0.22)

    def w2(self):
        ours, theirs = (build.seconds if self.exists else 0 for build in self.pair)
        self.compare("a first build, in CPU-seconds", "W2", ours, theirs, 0.45)

    def w3(self):
        samples = self.starts(["--version"], processor_seconds)
        ours, theirs = (sample.median * 1000 for sample in samples)
        self.compare("--version, in milliseconds of CPU", "W3", ours, theirs, 0.55)

    def status(self):
        root = str(data.cache(self.bench.folder, 100))
        samples = self.starts(["status", "--cache", root], processor_seconds)
        ours, theirs = (sample.median * 1000 for sample in samples)
        self.compare("status of 100 entries, in milliseconds of CPU", "W3", ours, theirs, 0.55)
        if self.exists:
            ours, theirs = (
                peak([build.binary, "status", "--cache", root], self.bench.environment) / 1024
                for build in self.pair)
            print(f"    peak memory in MB: now {ours:.1f}, baseline {theirs:.1f}", flush=True)

    @property
    def pair(self):
        return self.ours, self.baseline

    def starts(self, arguments, measure):
        """The same start of both, in turn."""
        if not self.exists:
            return [self.nothing(), self.nothing()]
        runs = {
            build.binary: lambda build=build: measure(
                [build.binary, *arguments], self.bench.environment)
            for build in self.pair}
        return list(race(runs, 31).values())

    @staticmethod
    def nothing():
        sample = Sample()
        sample.add(0)
        return sample
