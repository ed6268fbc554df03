"""A program in a pseudo terminal, with the time of every byte that it writes."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time


class Terminal:
    def __init__(self, command, environment, columns=80, rows=24, typed=b""):
        self.chunks = []
        self.start = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            # The size and what was typed ahead have to be there before the program looks.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(command[0], command, environment)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if typed:
            os.write(self.fd, typed)

    def read(self, seconds):
        """Waits for output; gives the bytes, or nothing at the deadline or the end."""
        ready, _, _ = select.select([self.fd], [], [], max(0, seconds))
        if not ready:
            return b""
        now = time.perf_counter()
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return b""
        if data:
            self.chunks.append((now, data))
        return data

    def settle(self, quiet=0.08, limit=20, rows=None):
        """Reads until nothing came for `quiet` seconds, and, where a pattern is given, until `rows`
        of it were seen; gives the time from the start to the last byte."""
        deadline = time.perf_counter() + limit
        while time.perf_counter() < deadline:
            if not self.read(quiet) and (rows is None or self.distinct(rows[0]) >= rows[1]):
                break
        else:
            raise TimeoutError(self.text()[-2000:])
        return self.chunks[-1][0] - self.start

    def wait_for(self, pattern, rows, limit=20):
        """Reads until so many rows were seen, however much else is written meanwhile."""
        deadline = time.perf_counter() + limit
        while self.distinct(pattern) < rows:
            if time.perf_counter() > deadline:
                raise TimeoutError(self.text()[-2000:])
            self.read(0.1)

    def distinct(self, pattern):
        return len(set(re.findall(pattern, self.text())))

    def text(self):
        return b"".join(data for _, data in self.chunks)

    def key(self, key, quiet=0.03, limit=1):
        """Presses a key; gives the seconds to the first byte and the number of bytes that came."""
        while self.read(0):
            pass
        start = time.perf_counter()
        os.write(self.fd, key)
        first, count, wait = None, 0, limit
        while data := self.read(wait):
            first = first or time.perf_counter() - start
            count, wait = count + len(data), quiet
        return first, count

    def peak_memory(self):
        """VmHWM in KiB: of the program alone, which a resource usage after fork is not."""
        with open(f"/proc/{self.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

    def processor_seconds(self):
        with open(f"/proc/{self.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self, keys=b"q"):
        """Asks the program to end, and kills it where it does not."""
        try:
            os.write(self.fd, keys)
            deadline = time.perf_counter() + 3
            while time.perf_counter() < deadline:
                self.read(0.02)
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    return
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        finally:
            os.close(self.fd)
