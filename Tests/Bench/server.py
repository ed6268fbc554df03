"""An nginx of our own on the loopback, with a temporary configuration."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

CONFIGURATION = """
daemon off;
master_process off;
pid {own}/pid;
error_log {own}/error.log;
{user}
events {{ worker_connections 256; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  default_type application/octet-stream;
  client_body_temp_path {own}/body;
  proxy_temp_path {own}/proxy;
  fastcgi_temp_path {own}/fastcgi;
  uwsgi_temp_path {own}/uwsgi;
  scgi_temp_path {own}/scgi;
  server {{
    listen 127.0.0.1:{port};
    root {root};
  }}
}}
"""


def program(folder):
    """nginx of the system, or the one that Scripts/bench has unpacked."""
    unpacked = pathlib.Path(folder).resolve() / "nginx/usr/sbin/nginx"
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:{unpacked.parent}")


class WebServer:
    """Serves a folder until it is left."""

    def __init__(self, nginx, root):
        self.own = tempfile.mkdtemp(prefix="cachescope-nginx-")
        try:
            self._start(nginx, root)
        except BaseException:
            shutil.rmtree(self.own, ignore_errors=True)
            raise

    def _start(self, nginx, root):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        path = os.path.join(self.own, "nginx.conf")
        with open(path, "w") as file:
            file.write(CONFIGURATION.format(
                own=self.own, port=self.port, root=root,
                user="user root;" if os.getuid() == 0 else ""))
        command = [nginx, "-p", self.own, "-c", path, "-e", os.path.join(self.own, "error.log")]
        # It must not outlive us, however we end.
        if shutil.which("setpriv"):
            command = ["setpriv", "--pdeathsig", "TERM", *command]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self._wait()

    def _wait(self):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.01)
        self.process.kill()
        with open(os.path.join(self.own, "error.log")) as log:
            raise RuntimeError(f"nginx does not answer: {log.read()[-500:]}")

    def processor_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def url(self, name):
        return f"http://127.0.0.1:{self.port}/{name}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.own, ignore_errors=True)
