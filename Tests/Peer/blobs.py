"""A blob server on the loopback."""

import hashlib
import http.server
import json
import os
import threading


class Gate:
    """Lets a server send one half of a body, and the other when it is opened."""

    def __init__(self):
        self.reached, self.opened = threading.Event(), threading.Event()


class Blobs:
    """An HTTP server on the loopback that serves a few random files and counts the requests."""

    def __init__(self, count=4, size=5000):
        self.files = {f"blob{n}.bin": os.urandom(size + n) for n in range(count)}
        self.requests, self.gate = [], None
        blobs = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                blobs.requests.append(self.path)
                body = blobs.body(self.path)
                if body is None:
                    return self.send_error(404)
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.send_body(body, blobs.gate)

            def send_body(self, body, gate):
                half = len(body) // 2 if gate else len(body)
                self.wfile.write(body[:half])
                if gate:
                    gate.reached.set()
                    gate.opened.wait(60)
                    self.wfile.write(body[half:])

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.gate:
            self.gate.opened.set()
        self.server.shutdown()
        self.server.server_close()

    def body(self, path):
        return self.files.get(path.lstrip("/"))

    def url(self, name):
        return f"http://127.0.0.1:{self.server.server_port}/{name}"

    def taken(self):
        """The requests since the last time that somebody asked."""
        requests, self.requests = self.requests, []
        return requests

    def write_pointers(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, body in self.files.items():
            pointer = {
                "v": 1,
                "url": self.url(name),
                "sha256": hashlib.sha256(body).hexdigest(),
                "size": len(body),
            }
            (folder / f"{name}.lnk").write_text(json.dumps(pointer))
