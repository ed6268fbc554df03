"""Which files both take for pointers, and what they make of them; each function is one check."""

import hashlib
import json
import os
import re

import vectors
from blobs import Blobs
from checks import check
from harness import World

DIGEST = hashlib.sha256(vectors.BODY).hexdigest()
ENDINGS = ("fetch", "lnk")

# Where cachescope is stricter on purpose: a `size` that is not the blob's, ...
SIZES = {"recorded_size0", "recorded_size_big"} | {
    f"size_{size}{raw}" for size in ("big", "max", "small", "zero") for raw in ("", "_raw")}
# ... and a URL whose blob would lie outside of its folder.
UPWARDS = {"recorded_url_dots", "url_up", "url_up_raw"}
# Where fbuild fails after the download: a URL that ends in no name for a file.
NAMELESS = {"recorded_t_nul", "recorded_url_nul", "recorded_url_slash"} | {
    f"url_{url}{raw}" for url in ("dot", "dotdot", "folder", "longer") for raw in ("", "_raw")}


class OneBlob(Blobs):
    """Serves the same bytes under every http URL; a proxy too, but not for https."""

    def __init__(self):
        super().__init__(0)

    def body(self, _):
        return vectors.BODY


def both(names):
    return {f"{name}.{ending}" for name in names for ending in ENDINGS}


def told(result):
    """The pointers that fbuild tells of, by its word for each."""
    found = {}
    pattern = r"^(?:\S+ +ERROR fbuild::output: )?(ok|MISSING|BAD|FAIL) +\./(\S+?):?(?: |$)"
    text = re.sub("\x1b\\[[0-9;]*m", "", result.stdout + result.stderr)
    for word, name in re.findall(pattern, text, re.M):
        found.setdefault(word, set()).add(name)
    return found


def listed(world):
    """The pointers of our own list, by their state."""
    found = {}
    for link in world.report("lnk", "list")["links"]:
        found.setdefault(link["state"], set()).add(link["path"].removeprefix("./"))
    return found


def pulled(world):
    """The pointers whose blobs our own pull brings."""
    links = json.loads(world.cachescope("lnk", "pull", "--json").stdout)["links"]
    return {link["path"].removeprefix("./") for link in links if link["result"] != "failed"}


def vector_world(tools, version, proxy):
    """A project with every vector under both endings, and the whole Internet behind the proxy."""
    world = World(tools, version, proxy)
    address = f"http://127.0.0.1:{proxy.server.server_port}"
    world.environment.update({
        "http_proxy": address, "HTTP_PROXY": address, "https_proxy": address,
        "HTTPS_PROXY": address, "FBUILD_DOWNLOAD_MAX_ATTEMPTS": "1"})
    for name, content in vectors.every(DIGEST).items():
        for ending in ENDINGS:
            (world.project / f"{name}.{ending}").write_bytes(content)
    return world


@check("the parser takes and refuses what fbuild does (P1, T-F2 to T-F11)", ("2.5.47",))
def parser(tools, version, _):
    with OneBlob() as proxy, vector_world(tools, version, proxy) as world:
        taken = set().union(*told(world.fbuild("lnk", "check")).values())
        assert {name for name in taken if name.endswith(".lnk")} == {
            name.replace(".fetch", ".lnk") for name in taken if name.endswith(".fetch")}
        states = listed(world)
        refused = states["malformed"] | states["foreign"]
        every = both(vectors.every(DIGEST))
        assert every - refused == taken, (every - refused) ^ taken
        assert all(name.endswith(".lnk") for name in states["foreign"]), states["foreign"]
        assert proxy.taken() == []
        return f"{len(every)} vectors, {len(taken)} of them are pointers for fbuild"


@check("both make the same URL and hash of a pointer, and ask the server for the same", ("2.5.47",))
def meaning(tools, version, _):
    with OneBlob() as proxy, vector_world(tools, version, proxy) as world:
        theirs = told(world.pull())["ok"]
        requests = set(map(lower_host, proxy.taken()))
        assert listed(world)["cached"] == theirs
        world.use_cache(world.base / "other")
        ours = pulled(world)
        assert theirs - ours == both(SIZES | UPWARDS), theirs - ours
        assert ours - theirs == both(NAMELESS), ours - theirs
        missed = requests - set(map(lower_host, proxy.taken()))
        # Nor is a blob asked for that no disk holds.
        assert all("/.." in request or "size_" in request for request in missed), missed
        assert told(world.fbuild("lnk", "check"))["ok"] == ours
        return f"{len(theirs)} pulled by fbuild, {len(ours)} by cachescope, {len(requests)} URLs"


def lower_host(url):
    return re.sub(r"^http://[^/]*", lambda host: host[0].lower(), url)


NAMES = (
    b"plain.lnk", b"plain.fetch", b".git/a.lnk", b".git/a.fetch", b"node_modules/x/.b/c.lnk",
    b".fbuild/build/d.lnk", b"UPPER.LNK", b"Upper.Fetch", b".lnk", b".fetch", b"..lnk", b"...fetch",
    b"a.lnk.bak", b"lnk", b"fetch", b"a.b.lnk", b"x.fetch.lnk", b"folder.lnk/inner.lnk",
    b"with space.lnk", b"new\nline.lnk", b"bytes\xff\xfe.lnk", b"end.lnk ", b"end.lnk.", b"-.lnk",
    b"\xc3\xbcml.lnk", b".hidden.lnk", b"deep/" * 60 + b"e.lnk", b"a.LNK.lnk", b"tab\t.fetch")


def write_tree(world, blobs):
    """A project in which every pointer names another URL, and things that look like pointers."""
    root = os.fsencode(world.project)
    for number, name in enumerate(NAMES):
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_pointer(path, blobs, f"scan{number}")
    outside = os.fsencode(world.base / "outside")
    os.makedirs(outside)
    write_pointer(outside + b"/far.lnk", blobs, "far")
    os.symlink(outside, root + b"/linked")
    os.symlink(outside + b"/far.lnk", root + b"/linked.lnk")
    os.symlink(b"nowhere", root + b"/dangling.lnk")
    os.symlink(b"..", root + b"/.git/loop")
    os.mkfifo(root + b"/fifo.lnk")
    os.mkdir(root + b"/empty.fetch")


def write_pointer(path, blobs, name):
    with open(path, "wb") as file:
        file.write(json.dumps({"v": 1, "url": blobs.url(name), "sha256": DIGEST}).encode())


@check("both find the same pointers in a tree of odd names, links and folders (T-F12)")
def scan(tools, version, _):
    with OneBlob() as blobs, World(tools, version, blobs) as world:
        write_tree(world, blobs)
        assert world.pull().returncode == 0
        theirs = sorted(blobs.taken())
        world.use_cache(world.base / "other")
        if version == "2.2.1":
            remove_fetches(world)
        result = world.cachescope("lnk", "pull")
        assert result.returncode == 0, result.stdout + result.stderr
        ours = sorted(blobs.taken())
        assert ours == theirs, set(ours) ^ set(theirs)
        os.symlink(world.project, world.base / "door")
        for root in (world.base / "door", world.project / "plain.lnk"):
            wanted = world.fbuild("lnk", "pull", str(root)).stdout.count("ok ")
            assert wanted, root
            assert len(world.report("lnk", "pull", str(root))["links"]) == wanted, root
        assert world.cachescope("lnk", "pull", "nowhere", "--json").returncode == 1
        return f"{len(theirs)} of {len(NAMES)} names are pointers"


def remove_fetches(world):
    """This version knows no other ending than .lnk."""
    for folder, _, names in os.walk(os.fsencode(world.project)):
        for name in names:
            if name.endswith(b".fetch"):
                os.unlink(os.path.join(folder, name))
