"""Caches that are named, moved, copied or restored in odd ways; each function is one check."""

import os
import shutil

from checks import assert_pull_works, check
from harness import World
from links import assert_all, states


@check("a cache named by a relative path: what fbuild recorded is put right (compat 4.15)")
def relative_root(tools, version, blobs):
    with World(tools, version, blobs) as world:
        world.use_cache(world.project / "near")
        world.environment["FBUILD_CACHE_DIR"] = "near"
        assert_pull_works(world)
        assert all(row[0].startswith("near/archives/") for row in world.rows().values())
        state, problem = states(world)
        assert state == "gone" and "relative" in problem, problem
        assert "for a pull to take" in problem, problem
        blobs.taken()
        assert_all(world.ours(), "hit")
        assert states(world) == ("cached", None)
        world.assert_whole()
        assert_pull_works(world)
        world.use_cache(world.cache)
        assert_pull_works(world)
        assert blobs.taken() == []
        with world.cleaning_daemon():
            world.assert_whole()


@check("what cachescope fetched under a relative name of the cache is right under every other name")
def relative_root_ours(tools, version, blobs):
    with World(tools, version, blobs) as world:
        world.use_cache(world.project / "near")
        world.environment["FBUILD_CACHE_DIR"] = "../project/./near/"
        assert_all(world.ours(), "fetched")
        world.assert_whole()
        blobs.taken()
        assert_pull_works(world)
        os.symlink(world.cache, world.base / "door")
        for name in (world.base / "door", world.cache):
            world.use_cache(name)
            assert_pull_works(world)
            assert_all(world.ours(), "hit")
            assert states(world) == ("cached", None)
        assert blobs.taken() == []


@check("a cache whose folder was moved: named as such, and whole again after a pull without a GET")
def moved_root(tools, version, blobs):
    for pull in (assert_pull_works, lambda world: assert_all(world.ours(), "fetched")):
        with World(tools, version, blobs) as world:
            pull(world)
            world.cache.rename(world.base / "moved")
            world.use_cache(world.base / "moved")
            assert world.fbuild("lnk", "check").returncode == 1
            state, problem = states(world)
            assert state == "gone" and "outside" in problem, problem
            assert "for a pull to take" in problem, problem
            blobs.taken()
            assert_all(world.ours(), "hit")
            world.assert_whole()
            with world.cleaning_daemon():
                world.assert_whole()
            assert_pull_works(world)
            assert blobs.taken() == []


@check("a copied cache: its rows name the first one's blobs until a pull copies them (compat 4.14)")
def copied_root(tools, version, blobs):
    with World(tools, version, blobs) as world:
        assert_pull_works(world)
        first = {row[0] for row in world.rows().values()}
        for copy, has_files in (("whole", True), ("index only", False)):
            shutil.copytree(world.base / "cache", world.base / copy)
            world.use_cache(world.base / copy)
            if not has_files:
                shutil.rmtree(world.cache / "archives")
            state, problem = states(world)
            assert state == "cached" and "outside this cache" in problem, problem
            blobs.taken()
            assert_all(world.ours(), "hit")
            assert blobs.taken() == []
            world.assert_whole()
            assert not first & {row[0] for row in world.rows().values()}
            assert_pull_works(world)
            world.gc()
            assert world.rows() == {}
            assert all(os.path.exists(path) for path in first), "the first cache lost a blob"


@check("GC on a copied cache that no pull has repaired deletes the first one's blobs: compat 4.14")
def copied_root_control(tools, version, blobs):
    with World(tools, version, blobs) as world:
        assert_pull_works(world)
        first = {row[0] for row in world.rows().values()}
        shutil.copytree(world.cache, world.base / "copy")
        world.use_cache(world.base / "copy")
        world.gc()
        assert not any(os.path.exists(path) for path in first)


@check("`fbuild cache save` and `restore` lose nothing that a pull has to fetch", ("2.5.47",))
def saved_and_restored(tools, version, blobs):
    with World(tools, version, blobs) as world:
        assert_all(world.ours(), "fetched")
        archive = str(world.base / "saved.tar.zst")
        for verb, folder in (("save", world.cache), ("restore", world.base / "restored")):
            result = world.fbuild("cache", verb, archive, "--cache-dir", str(folder))
            assert result.returncode == 0, result.stdout + result.stderr
        world.cache.rename(world.base / "away")
        world.use_cache(world.base / "restored")
        blobs.taken()
        assert_all(world.ours(), "hit")
        world.assert_whole()
        with world.cleaning_daemon():
            world.assert_whole()
        assert_pull_works(world)
        assert blobs.taken() == []
