"""Metrics of three caches through the real collector, checker and engine: python3 Tests/Fleet BINARY."""

import json
import math
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

SOURCES = pathlib.Path(__file__).resolve().parent.parent.parent
FIXTURES = SOURCES / "Tests/CacheKitTests/Fixtures"
FLEET = SOURCES / "docs/fleet"
# What the three caches are made for, and the folder below them that no cache has.
ALERTS = {
    "CacheUnreadable": {"broken", "none"},
    "CacheDamaged": {"broken"},
    "CacheFullAndBlocked": {"full"},
    "CacheLeasesStuck": {"full", "old \"quoted\" \\ cache"},
    "CacheMigrationsPending": {"old \"quoted\" \\ cache"},
    "CacheFindings": {"full", "old \"quoted\" \\ cache"},
    "CacheMetricsOld": {""},
    "CacheMetricsRefused": {""},
}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def until(condition, what, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            value = condition()
        except OSError:
            value = None
        if value:
            return value
        time.sleep(0.2)
    raise AssertionError(f"never happened: {what}")


class Fleet:
    def __init__(self, binary, base):
        self.binary, self.base = binary, base
        self.textfiles = base / "textfiles"
        self.textfiles.mkdir()
        self.started = []
        self.checks = 0

    def check(self, condition, what):
        self.checks += 1
        if not condition:
            raise AssertionError(what)

    def run(self, *command, **variables):
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.base / "home"), "LANG": "C.UTF-8",
            "XDG_STATE_HOME": str(self.base / "state"), **variables}
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60,
            stdin=subprocess.DEVNULL)

    def start(self, name, *command):
        log = open(self.base / f"{name}.log", "wb")
        self.started.append(subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.base))

    def stop(self):
        for process in self.started:
            process.send_signal(signal.SIGTERM)
        for process in self.started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()

    # The caches

    def make_caches(self):
        names = ["full", "old \"quoted\" \\ cache", "broken", "none"]
        self.full, self.old, self.broken, self.missing = (self.base / name for name in names)
        shutil.copytree(FIXTURES / "2.5.47-stale-lease", self.full)
        shutil.copytree(FIXTURES / "legacy-VA-bc8ba93b", self.old)
        self.broken.mkdir()
        (self.broken / "index.sqlite").write_bytes(b"no database at all, whatever it is called" * 99)
        # An entry of its own is evicted, so that a collection was seen.
        database = self.full / "index.sqlite"
        self.sql(database, "INSERT INTO entries (id, kind, url, stem, hash, version, last_used_at,"
                 " archive_path, archive_bytes) VALUES (77, 'packages', 'u', 's', 'h', 'v', 5,"
                 " 'archives/packages/s/h/v/gone', 5)")
        evicted = self.run(self.binary, "evict", "77", "--cache", str(self.full))
        assert evicted.returncode == 0, evicted.stdout + evicted.stderr
        # What nobody holds, so that there is something to take.
        self.sql(self.old / "index.sqlite", "INSERT INTO entries (kind, url, stem, hash, version,"
                 " last_used_at, archive_path, archive_bytes) VALUES ('packages', 'u', 's', 'h', 'v',"
                 " 1790000000, 'archives/packages/s/h/v/x', 5)")
        # All that is left is held by a process that is gone.
        self.sql(database, "UPDATE entries SET pinned = 1; INSERT OR IGNORE INTO leases (entry_id,"
                 " holder_pid, holder_nonce, refcount, acquired_at)"
                 " SELECT id, 999999, 1795394060904566250, 1, 1795394060 FROM entries")

    def sql(self, database, statement):
        result = self.run("sqlite3", str(database), statement)
        assert result.returncode == 0, result.stderr

    def write_metrics(self):
        first = self.run(
            self.binary, "metrics", "--output", str(self.textfiles / "cachescope.prom"),
            str(self.old), str(self.broken), str(self.missing))
        second = self.run(
            self.binary, "metrics", "--cache", str(self.full), "--output",
            str(self.textfiles / "cachescope-full.prom"), FBUILD_CACHE_HIGH_WATERMARK="1")
        for result in (first, second):
            self.check(result.returncode == 0, result.stderr)
        self.check(
            sorted(path.name for path in self.textfiles.iterdir())
            == ["cachescope-full.prom", "cachescope.prom"], "something is left beside the files")
        # Half an hour ago, as if the timer had stopped.
        then = time.time() - 1800
        os.utime(self.textfiles / "cachescope-full.prom", (then, then))

    def check_service(self):
        """What the unit runs, with the caches and the file of this run in place of the host's."""
        unit = (FLEET / "cachescope-metrics.service").read_text().replace("\\\n", " ")
        command = re.search(r"^ExecStart=/bin/sh -c '(.*)'$", unit, re.MULTILINE).group(1)
        programs, output = self.base / "bin", self.base / "service.prom"
        programs.mkdir()
        (programs / "cachescope").symlink_to(self.binary)
        command = command.replace("$$", "$").replace(
            "/var/lib/prometheus/node-exporter/cachescope.prom", str(output))
        for pattern, is_there in ((f"{self.base}/none*", False), (f"{self.base}/bro*", True)):
            text = command.replace("/home/*/.fbuild/prod/cache", pattern)
            self.check(text != command and "$$" not in text, "the unit has another pattern")
            result = self.run("/bin/sh", "-c", text, PATH=f"{programs}:{os.environ['PATH']}")
            self.check(result.returncode == 0, result.stderr)
            self.check(output.exists() == is_there, f"{pattern}: {result.stderr}")
        self.check(f'cachescope_up{{cache="{self.broken}"}} 0' in output.read_text(), "the unit's file")

    # The programs

    def start_programs(self):
        self.exporter, self.prometheus = free_port(), free_port()
        self.start(
            "exporter", "prometheus-node-exporter", "--collector.disable-defaults",
            "--collector.textfile", f"--collector.textfile.directory={self.textfiles}",
            f"--web.listen-address=127.0.0.1:{self.exporter}")
        configuration = self.base / "prometheus.yml"
        configuration.write_text(json.dumps({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(FLEET / "alerts.yml")],
            "scrape_configs": [{"job_name": "node", "static_configs": [
                {"targets": [f"127.0.0.1:{self.exporter}"]}]}]}))
        checked = self.run("promtool", "check", "config", str(configuration))
        self.check(checked.returncode == 0, checked.stdout + checked.stderr)
        self.start(
            "prometheus", "prometheus", f"--config.file={configuration}",
            f"--storage.tsdb.path={self.base / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{self.prometheus}")

    def get(self, path, **query):
        url = f"http://127.0.0.1:{self.prometheus}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=10) as answer:
            report = json.load(answer)
        assert report["status"] == "success", report
        return report["data"]

    def query(self, text):
        try:
            return self.get("query", query=text)["result"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{text}: {error.read().decode()}") from None

    # The checks

    def check_files(self):
        for path in sorted(self.textfiles.glob("*.prom")):
            with open(path, "rb") as text:
                checked = subprocess.run(
                    ["promtool", "check", "metrics"], stdin=text, capture_output=True, text=True)
            self.check(
                checked.returncode == 0 and not checked.stdout + checked.stderr,
                f"{path.name}: {checked.stdout}{checked.stderr}")
            self.check(path.stat().st_mode & 0o777 == 0o644, f"{path.name}: its mode")
        rules = self.run("promtool", "check", "rules", str(FLEET / "alerts.yml"))
        self.check(rules.returncode == 0, rules.stdout + rules.stderr)

    def check_series(self):
        """Each line of the files is a series with its value."""
        until(lambda: self.query("cachescope_up"), "a scrape")
        found = {}
        for item in self.query('{__name__=~"cachescope_.*"}'):
            labels = {k: v for k, v in item["metric"].items() if k not in ("instance", "job")}
            found[frozenset(labels.items())] = float(item["value"][1])
        written = {}
        for path in self.textfiles.glob("*.prom"):
            for line in path.read_text().splitlines():
                if not line.startswith("#"):
                    name, labels, value = re.fullmatch(r"(\w+)\{(.*)\} (\d+)", line).groups()
                    pairs = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels)
                    escapes = {r"\n": "\n", r"\"": '"', r"\\": "\\"}
                    series = {"__name__": name}
                    for label, text in pairs:
                        series[label] = re.sub(r"\\.", lambda m: escapes[m.group()], text)
                    written[frozenset(series.items())] = float(value)
        for series, value in written.items():
            self.check(found.get(series) == value, f"{dict(series)}: {value}, {found.get(series)}")
        self.check(set(found) == set(written), f"more series: {set(found) - set(written)}")
        roots = {dict(series)["cache"] for series in written}
        expected = {str(p) for p in (self.full, self.old, self.broken, self.missing)}
        self.check(roots == expected, f"caches: {roots}")
        self.check(
            float(self.query("node_textfile_scrape_error")[0]["value"][1]) == 0, "a file refused")
        names = {dict(series)["__name__"] for series in written}
        documented = set(re.findall(r"`(cachescope_\w+)`", (FLEET / "README.md").read_text()))
        self.check(names == documented, f"documented and written differ: {names ^ documented}")
        return len(written)

    def check_panels(self):
        board = json.loads((FLEET / "dashboard.json").read_text())
        count = 0
        for panel in board["panels"]:
            for target in panel["targets"]:
                text = target["expr"].replace("$instance", ".*").replace("$cache", ".*")
                self.check("$" not in text, f"{panel['title']}: an unknown variable")
                result = self.query(text)
                self.check(result, f"{panel['title']}: nothing for {text}")
                for item in result:
                    value = float(item["value"][1])
                    self.check(math.isfinite(value), f"{panel['title']}: {value}")
                    for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                        self.check(item["metric"].get(label), f"{panel['title']}: no {label}")
                count += 1
        return count

    def check_alerts(self):
        """Each rule is sound, is up for the caches that were made for it, and for no other."""
        (self.textfiles / "other.prom").write_text("# no end of the line: refused\nx 1 2 3")

        expected = dict(ALERTS)
        if os.readlink("/proc/self/ns/pid") != "pid:[4026531836]":
            # Here no lease is provably stuck: a holder may live outside of what /proc shows.
            del expected["CacheLeasesStuck"], expected["CacheFindings"]

        def active():
            rules = self.get("rules")["groups"][0]["rules"]
            states = {rule["name"]: {
                pathlib.Path(alert["labels"].get("cache", "")).name for alert in rule["alerts"]}
                for rule in rules}
            if not all(rule["health"] == "ok" for rule in rules):
                return None
            self.seen = states
            return {name: states.get(name) for name in expected} == expected

        try:
            until(active, "the alerts")
        except AssertionError:
            raise AssertionError(f"alerts: {self.seen}, expected: {expected}") from None
        for rule in self.get("rules")["groups"][0]["rules"]:
            for alert in rule["alerts"]:
                for text in alert["annotations"].values():
                    self.check(text and "<no value>" not in text and "error" not in text.lower()[:5],
                               f"{rule['name']}: {text}")
        (self.textfiles / "other.prom").unlink()
        return len(ALERTS)


def main(binary):
    base = pathlib.Path(tempfile.mkdtemp(prefix="cachescope-fleet-"))
    fleet = Fleet(binary, base)
    try:
        fleet.make_caches()
        fleet.write_metrics()
        fleet.check_files()
        fleet.check_service()
        fleet.start_programs()
        series, panels, alerts = fleet.check_series(), fleet.check_panels(), fleet.check_alerts()
        print(f"{series} series, {panels} panel queries, {alerts} alerts: "
              f"{fleet.checks} checks through node_exporter and Prometheus passed")
        return 0
    except AssertionError as error:
        print(f"FAIL {error}", file=sys.stderr)
        return 1
    finally:
        fleet.stop()
        shutil.rmtree(base, ignore_errors=True)


sys.exit(main(*sys.argv[1:]))
