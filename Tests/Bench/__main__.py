"""Measures cachescope beside its peers: python3 Tests/Bench BINARY FBUILD-OR-EMPTY FOLDER [ID…]."""

import os
import signal
import sys
import traceback

from cases import Bench
from collection import CollectionBench
from growth import Growth
from links import LinkBench
import results
from weight import WeightBench


def main(binary, fbuild, folder, *wanted):
    # So that folders and servers go on the way out of a killed run too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    bench = Bench(os.path.abspath(binary), os.path.abspath(fbuild) if fbuild else "", folder)
    growth = Growth(bench)
    print(f"load average before: {os.getloadavg()[0]:.2f}")
    weight = WeightBench(bench)
    collection = CollectionBench(bench)
    with LinkBench(bench) as links:
        run_all(bench.report, {
            "W1": weight.w1, "W2": weight.w2, "W3": weight.w3, "W3-status": weight.status,
            "PF11": bench.pf11, "PF7": bench.pf7, "PT1": bench.pt1, "PT2": bench.pt2,
            "PT3": bench.pt3_to_pt5, "PT6": bench.pt6, "PT6-keys": bench.sorting_blocks_no_key,
            "PT7": bench.pt7, "PF2": links.pf1_and_pf2, "PF3": links.pf3, "PF4": links.pf4,
            "PF5": links.pf5, "PF6": links.pf6, "PF12": links.pf12, "PF13": links.pf13,
            "PF18": links.pf18, "W4": growth.w4, "W5": growth.w5, "W6": growth.w6,
            "W7": growth.w7, "W8": growth.w8, "PF7-many": growth.entries,
            "PF9": collection.pf9, "PF10": collection.pf10, "PF14": collection.pf14,
            "PF21": collection.rebuild}, wanted)
    if not wanted:
        results.write(bench, folder, os.environ.get("RESULTS", os.path.join(folder, "results")))
    print(f"\n{bench.report.missed} missed; load average after: {os.getloadavg()[0]:.2f}")


def run_all(report, cases, wanted):
    for name, run in cases.items():
        if wanted and name not in wanted:
            continue
        try:
            run()
        except Exception:
            # One measure that cannot be taken must not cost the others.
            traceback.print_exc()
            report.missed += 1


main(*sys.argv[1:])
