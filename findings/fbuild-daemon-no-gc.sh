#!/bin/sh
# A daemon with nothing to do stops after 30 s; its first GC is due after 60 s. So a cache that is over
# its limits stays so for as long as daemons are started and not kept busy.
# Seen with fbuild 2.5.47 (PyPI) on Linux; takes half a minute.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
from fbuild_cache import NOTHING, complete, daemon, fbuild, index

complete(1, 5000, 1000)
with daemon(**NOTHING) as running:
    code = running.wait(120)
print(f"the daemon ended by itself with {code}")
assert index("SELECT installed_bytes FROM entries") == [(5000,)], "it collected: a daemon lives longer now"
result = fbuild("purge", "--gc", **NOTHING)
assert "Installed evicted: 1" in result.stdout
print("finding holds: the same limits, and only purge --gc collects")
PYTHON
