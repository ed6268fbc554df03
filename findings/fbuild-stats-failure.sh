#!/bin/sh
# /api/cache/stats answers 200 where the daemon cannot open its index, with 0 for each limit: who reads the
# numbers alone sees an empty cache that may hold nothing. "success" is false.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import json
import os

from fbuild_cache import ask, cache, daemon, until

with daemon():
    until(lambda: json.loads(ask("/api/cache/stats")[1])["high_watermark"] > 0)
    os.rename(cache + "/index.sqlite", cache + "/aside")
    os.mkdir(cache + "/index.sqlite")
    status, text = ask("/api/cache/stats")
print(status, text)
answer = json.loads(text)
assert status == 200 and answer["success"] is False
assert answer["high_watermark"] == answer["archive_budget"] == answer["installed_budget"] == 0
print("finding holds: a failure is 200, and its limits are 0")
PYTHON
