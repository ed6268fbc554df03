#!/bin/sh
# A blob whose URL ends in .partial is pulled, verified and recorded, and the next start of a daemon removes it: a start
# takes every folder of that ending for an unfinished download, and a blob's folder is called like its file. The row
# stays and names nothing, so that each pull after a start downloads again.
# Seen with fbuild 2.5.47 (PyPI) on Linux.
exec "$(dirname "$0")/lib/with-fbuild" 2.5.47 <<'PYTHON'
import hashlib
import http.server
import json
import os
import threading

from fbuild_cache import cache, daemon, fbuild, folder, index, until

blob = b"assets" * 100


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(blob)))
        self.end_headers()
        self.wfile.write(blob)

    def log_message(self, *words):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.makedirs(folder + "/project")
with open(folder + "/project/a.fetch", "w") as file:
    json.dump({"v": 1, "url": f"http://127.0.0.1:{server.server_port}/list.partial",
               "sha256": hashlib.sha256(blob).hexdigest()}, file)
pulled = fbuild("lnk", "pull", folder + "/project")
print(pulled.returncode, (pulled.stdout + pulled.stderr).strip())
(path,) = [row[0] for row in index("SELECT archive_path FROM entries")]
path = os.path.join(cache, path)
assert os.path.exists(path) and ".partial/" in path, path
with daemon():
    until(lambda: not os.path.exists(path))
server.shutdown()
checked = fbuild("lnk", "check", folder + "/project")
print(checked.returncode, (checked.stdout + checked.stderr).strip())
assert checked.returncode != 0
print("finding holds: the daemon's start removed a whole blob, and its pointer fails the check")
PYTHON
