"""The plan of `gc` beside what real GC does."""

import json
import os

from checks import assert_pull_works, check
from gcplans import compare_many
from harness import NO_BUDGET, World


@check("the plan of gc is what real GC then takes, on 300 random caches (G4, cases B and E)", ("2.5.47",))
def plans_are_equal(tools, version, _):
    seed = int(os.environ.get("CACHESCOPE_GC_SEED", "1"))
    failures, met = compare_many(tools.binary, tools.venvs, 300, seed)
    assert not failures, "\n".join(f"seed {number}: {words}" for number, words in failures)
    assert all(met.values()), f"not everything was met: {met}"
    return ", ".join(f"{count} {what}" for what, count in met.items())


def fill(world, count):
    """Trees with rows, as a package install leaves them."""
    assert world.fbuild("purge", "--gc").returncode == 0
    for entry in range(1, count + 1):
        path = f"installed/packages/s/{entry:016x}/v"
        (world.cache / path).mkdir(parents=True)
        # A start of the daemon takes a tree without the first one for a broken install.
        for name in (".install_complete", "a", "b"):
            (world.cache / path / name).write_bytes(b"x" * 1000)
        world.query(
            "INSERT INTO entries (id, kind, url, stem, hash, version, last_used_at, installed_path,"
            " installed_bytes) VALUES (?, 'packages', 'u', 's', ?, 'v', ?, ?, 3000)",
            entry, f"{entry:016x}", entry, path)


def assert_collected(world):
    assert world.query("SELECT count(*) FROM entries") == [(0,)]
    assert world.query("PRAGMA integrity_check") == [("ok",)]
    left = [path for path in (world.cache / "installed").rglob("*") if path.is_file()]
    assert not left, left
    assert not (world.cache / ".cachescope-trash").exists()


@check("ours and real GC at once: nothing is left, nothing held goes, ours counts nothing twice (T-E18)")
def both_at_once(tools, version, blobs):
    for _ in range(3):
        with World(tools, version, blobs) as world:
            fill(world, 60)
            plan = world.report("gc", "--high", "0", "--installed-budget", "0")["plan"]["id"]
            ours = world.start("gc", "--apply", plan, "--json")
            real = world.start("purge", "--gc", program=world.fbuild_path(), **NO_BUDGET)
            output, errors = ours.communicate(timeout=120)
            real.communicate(timeout=120)
            assert real.returncode == 0
            outcomes = json.loads(output)["applied"]["outcomes"]
            assert len({one["entry_id"] for one in outcomes}) == len(outcomes) == 60
            # A tree that real GC is removing at this moment is another one than that of the plan.
            skipped = [one for one in outcomes if one["result"] == "skipped"]
            assert all("changed" in one["reason"] for one in skipped), skipped
            assert_collected(world)


@check("a daemon's limits are those of the plan, and its GC does what was predicted")
def daemon_collects(tools, version, blobs):
    with World(tools, version, blobs) as world:
        fill(world, 5)
        world.environment.update(FBUILD_CACHE_INSTALLED_BUDGET="10K", FBUILD_CACHE_HIGH_WATERMARK="20K")
        with world.daemon() as daemon:
            del world.environment["FBUILD_CACHE_INSTALLED_BUDGET"]
            del world.environment["FBUILD_CACHE_HIGH_WATERMARK"]
            plan = world.report("gc")["plan"]
            assert plan["limits"]["source"] == f"daemon (pid {daemon.process.pid})", plan["limits"]
            assert (plan["limits"]["installed"], plan["limits"]["high"]) == (10240, 20480)
            answer = world.report("gc", "--ask-daemon", "--yes")
            steps = answer["plan"]["steps"]
            assert len(steps) == 2 == answer["daemon"]["installed_evicted"], answer
            assert answer["daemon"]["total_bytes_freed"] == answer["plan"]["frees"] == 6000, answer
            world.query("UPDATE entries SET kind = 'emulators', installed_bytes = 90000 WHERE id = 3")
            failed = world.cachescope("gc", "--ask-daemon", "--yes", "--json")
            assert failed.returncode == 1, failed.stdout
            assert "unknown cache kind" in json.loads(failed.stdout)["error"]["message"]
            assert "unknown cache kind" in json.loads(failed.stdout)["plan"]["real_error"]


@check("an eviction of ours is what real fbuild sees, and what undo puts back it hits")
def eviction(tools, version, blobs):
    with World(tools, version, blobs) as world:
        assert_pull_works(world)
        kept = world.report("evict", "1", "--keep", "1h")
        assert [one["result"] for one in kept["outcomes"]] == ["kept"], kept
        assert world.query("SELECT count(*) FROM entries WHERE id = 1") == [(0,)]
        world.report("undo")
        blobs.taken()
        assert_pull_works(world)
        assert blobs.taken() == []
        world.assert_whole()
        world.report("evict", "1")
        assert_pull_works(world)
        assert len(blobs.taken()) == 1
        world.assert_whole()
