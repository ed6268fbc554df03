"""A server on 127.0.0.1 for the findings beside this folder, and pointers to what it has."""

import hashlib
import http.server
import json
import os
import threading


def serve(files):
    """Serves bytes by their names until the program ends; the URL, with a slash at its end."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            content = files.get(self.path[1:])
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def point(project, url, content):
    """Writes a pointer, which all releases read, into the project's folder."""
    os.makedirs(project, exist_ok=True)
    with open(f"{project}/{url.rpartition('/')[2]}.lnk", "w") as file:
        json.dump({"v": 1, "url": url, "sha256": hashlib.sha256(content).hexdigest()}, file)
