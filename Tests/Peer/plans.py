"""The plan of `gc` beside what real GC does."""

import os

from checks import check
from gcplans import compare_many


@check("the plan of gc is what real GC then takes, on 300 random caches (G4, cases B and E)", ("2.5.47",))
def plans_are_equal(tools, version, _):
    seed = int(os.environ.get("CACHESCOPE_GC_SEED", "1"))
    failures, met = compare_many(tools.binary, tools.venvs, 300, seed)
    assert not failures, "\n".join(f"seed {number}: {words}" for number, words in failures)
    assert all(met.values()), f"not everything was met: {met}"
    return ", ".join(f"{count} {what}" for what, count in met.items())
