#!/bin/sh
# A GC that fails says so on standard output, coloured, with a time stamp; standard error stays empty.
# Here a row of a kind that this version does not know makes it fail.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
from fbuild_cache import NOTHING, fbuild, index, package

package(1, 5000, 1000)
index("UPDATE entries SET kind = 'gadgets'")
result = fbuild("purge", "--gc", **NOTHING)
print(result.returncode, repr(result.stdout), repr(result.stderr))
assert result.returncode == 1 and result.stderr == ""
assert "GC failed: " in result.stdout and "\x1b[" in result.stdout
print("finding holds: the error is on standard output alone")
PYTHON
