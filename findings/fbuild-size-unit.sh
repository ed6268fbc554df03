#!/bin/sh
# FBUILD_CACHE_INSTALLED_BUDGET=1KiB is a size, 1Ki is none: the limit is then the default of many
# gigabytes, without a word. So are 1e3, 50%, and a number with a sign.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import os

from fbuild_cache import cache, fbuild, index, package

for text, is_size in [("1KiB", True), ("1K", True), (".5K", True), ("1Ki", False), ("1e3", False),
                      ("50%", False), ("+5", False), ("1,5K", False)]:
    index("DELETE FROM entries")
    package(1, 5000, 1000)
    result = fbuild("purge", "--gc", INSTALLED_BUDGET=text)
    evicted = not os.path.exists(cache + "/packages/p1")
    print(f"{text:6} evicted: {evicted}", result.stderr.strip())
    assert evicted == is_size and not result.stderr, (text, result)
print("finding holds: what is no size to fbuild becomes its default in silence")
PYTHON
