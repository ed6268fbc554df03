"""Measures cachescope beside its peers: python3 Tests/Bench BINARY FBUILD-OR-EMPTY FOLDER [ID…]."""

import os
import sys
import traceback

from cases import Bench


def main(binary, fbuild, folder, *wanted):
    bench = Bench(os.path.abspath(binary), os.path.abspath(fbuild) if fbuild else "", folder)
    cases = {
        "PF11": bench.pf11, "PF7": bench.pf7, "PT1": bench.pt1, "PT2": bench.pt2,
        "PT3": bench.pt3_to_pt5, "PT6": bench.pt6, "PT6-keys": bench.sorting_blocks_no_key,
        "PT7": bench.pt7}
    print(f"load average before: {os.getloadavg()[0]:.2f}")
    for name, run in cases.items():
        if wanted and name not in wanted:
            continue
        try:
            run()
        except Exception:
            # One measure that cannot be taken must not cost the others.
            traceback.print_exc()
            bench.report.missed += 1
    print(f"\n{bench.report.missed} missed; load average after: {os.getloadavg()[0]:.2f}")


main(*sys.argv[1:])
