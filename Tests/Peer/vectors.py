"""Pointer files of every kind that a parser may get wrong: a name, and its bytes."""

import json
import re

from harness import FIXTURES

BODY = b"the bytes that every accepted pointer of these names\n"


def url(name):
    return f"http://h.example/{name}.bin"


def fields(name, digest, /, **changes):
    members = {"v": 1, "url": url(name), "sha256": digest, **changes}
    return {key: value for key, value in members.items() if value is not ...}


def recorded(sha256):
    """The vectors that the Swift tests use; each with a URL of its own and a hash that is right."""
    for line in (FIXTURES / "link_vectors.tsv").read_text().splitlines():
        name, _, text = line.split("\t")
        name = f"recorded_{name}"
        text = json.loads(text).replace("https://h.example/x.bin", url(name))
        text = re.sub("a{60,}", lambda found: (sha256 * 2)[:len(found[0])], text)
        text = re.sub("A{60,}", lambda found: (sha256 * 2)[:len(found[0])].upper(), text)
        yield name, text.encode("utf-8", "surrogatepass")


def json_members(sha256):
    """One member of the object changed."""
    changes = {
        "v_missing": dict(v=...), "v_minus": dict(v=-1), "v_zero": dict(v=0), "v_two": dict(v=2),
        "v_text": dict(v="1"), "v_list": dict(v=[1]), "v_false": dict(v=False),
        "v_huge": dict(v=2**64), "v_u32": dict(v=2**32),
        "url_missing": dict(url=...), "url_number": dict(url=1), "url_list": dict(url=["http://h"]),
        "url_ftp": dict(url="ftp://h.example/x"), "url_file": dict(url="file:///etc/hostname"),
        "url_upper": dict(url="HTTP://h.example/x"), "url_mixed": dict(url="Http://h.example/x"),
        "url_bare": dict(url="h.example/x"), "url_relative": dict(url="//h.example/x"),
        "url_blank": dict(url=" http://h.example/x"), "url_tab": dict(url="\thttp://h.example/x"),
        "url_one_slash": dict(url="http:/h.example/x"), "url_only": dict(url="http://"),
        "url_query": dict(url="http://h.example/q.bin?token=a/b&c=d"),
        "url_fragment": dict(url="http://h.example/f.bin#part"),
        "url_port": dict(url="http://h.example:8080/port.bin"),
        "url_big_port": dict(url="http://h.example:99999/port.bin"),
        "url_user": dict(url="http://me:secret@h.example/user.bin"),
        "url_idn": dict(url="http://bücher.example/idn.bin"),
        "url_unicode": dict(url="http://h.example/größe.bin"),
        "url_hindi": dict(url="http://h.example/हिन्दी.bin"),
        "url_percent": dict(url="http://h.example/a%2Fb%00.bin"),
        "url_space": dict(url="http://h.example/a b.bin"),
        "url_backslash": dict(url="http://h.example/a\\b.bin"),
        "url_quote": dict(url="http://h.example/a\"b.bin"),
        "url_newline": dict(url="http://h.example/a\nb.bin"),
        "url_control": dict(url="http://h.example/a\u0001b.bin"),
        "url_dots": dict(url="http://h.example/x/../dots.bin"),
        "url_up": dict(url="http://..?/x"), "url_folder": dict(url="http://h.example/folder/"),
        "url_dot": dict(url="http://h.example/."), "url_dotdot": dict(url="http://h.example/.."),
        "url_long": dict(url="http://h.example/" + "l" * 200 + ".bin"),
        "url_longer": dict(url="http://h.example/" + "l" * 300 + ".bin"),
        "url_archive": dict(url="http://h.example/pack.tar.gz"),
        "url_github": dict(url="http://github.com/owner/repo/x.bin"),
        "url_downloads": dict(url="http://www.downloads.example.com/x.bin"),
        "sha_missing": dict(sha256=...), "sha_number": dict(sha256=7), "sha_empty": dict(sha256=""),
        "sha_short": dict(sha256=sha256[:63]), "sha_long": dict(sha256=sha256 + "0"),
        "sha_letter": dict(sha256="g" + sha256[1:]), "sha_upper": dict(sha256=sha256.upper()),
        "sha_prefix": dict(sha256="sha256:" + sha256), "sha_blank": dict(sha256=sha256 + " "),
        "sha_bytes": dict(sha256="é" * 32), "sha_wide": dict(sha256="１" * 64),
        "size_right": dict(size=len(BODY)), "size_null": dict(size=None), "size_zero": dict(size=0),
        "size_small": dict(size=1), "size_big": dict(size=10**6), "size_max": dict(size=2**64 - 1),
        "size_over": dict(size=2**64), "size_minus": dict(size=-1), "size_half": dict(size=1.5),
        "size_float": dict(size=float(len(BODY))), "size_text": dict(size=str(len(BODY))),
        "size_true": dict(size=True), "size_list": dict(size=[]),
        "extract_null": dict(extract=None), "extract_file": dict(extract="file"),
        "extract_zip": dict(extract="zip"), "extract_tgz": dict(extract="tar.gz"),
        "extract_rar": dict(extract="rar"), "extract_case": dict(extract="Zip"),
        "extract_list": dict(extract=["zip"]), "extract_map": dict(extract={"zip": None}),
        "extract_map_two": dict(extract={"zip": None, "file": None}),
        "extract_map_value": dict(extract={"zip": 1}), "extract_empty": dict(extract=""),
        "extract_number": dict(extract=0),
        "more_keys": dict(comment="x", nested={"v": 2, "list": [1, None, {}]}),
        "key_case": dict(v=..., V=1), "key_blank": {"v": ..., "v ": 1},
    }
    for name, change in changes.items():
        yield name, json.dumps(fields(name, sha256, **change)).encode()
        yield name + "_raw", json.dumps(
            fields(name + "_raw", sha256, **change), ensure_ascii=False, indent=1).encode()


def json_texts(sha256):
    """The object right, the text around or inside it odd."""
    def text(name):
        return json.dumps(fields(name, sha256)).encode()

    def with_member(name, member):
        return text(name)[:-1] + b", " + member + b"}"

    frames = {
        "bom": (b"\xef\xbb\xbf", b""), "utf16_mark": (b"\xff\xfe", b""), "space": (b" \t", b" \t"),
        "newlines": (b"\n\r\n\n", b"\r\n\n"), "form_feed": (b"\x0c", b""), "nul": (b"", b"\0"),
        "garbage": (b"", b"x"), "two": (b"", b"{}"), "comma": (b"", b","), "brace": (b"", b"}"),
        "list": (b"[", b"]"), "hash": (b"# pointer\n", b""), "slashes": (b"// pointer\n", b""),
        "comment_after": (b"", b"\n# end\n"), "nbsp": ("\u00a0".encode(), b""),
        "bad_utf8": (b"", b"\xff"), "ctrl_z": (b"", b"\x1a"), "semicolon": (b"", b";"),
    }
    for name, (before, after) in frames.items():
        yield f"frame_{name}", before + text(f"frame_{name}") + after
    members = {
        "twice_v": b'"v":1', "twice_url": b'"url":"http://h.example/other"',
        "twice_sha": b'"sha256":"' + sha256.encode() + b'"', "twice_size": b'"size":1,"size":1',
        "twice_other": b'"a":1,"a":2', "twice_escaped": b'"\\u0076":1', "nan": b'"a":NaN',
        "infinity": b'"a":Infinity', "huge_float": b'"a":1e400', "minus_zero": b'"a":-0',
        "hex": b'"a":0x10', "plus": b'"a":+1', "leading_zero": b'"a":01', "dot": b'"a":.5',
        "open_dot": b'"a":5.', "single": b"'a':1", "bare_key": b"a:1", "no_value": b'"a":',
        "control": b'"a":"\x01"', "tab": b'"a":"\t"', "bad_escape": b'"a":"\\x41"',
        "half_pair": b'"a":"\\ud83d"', "half_pair_key": b'"\\ud83d":1',
        "pair": b'"a":"\\ud83d\\ude00"',
        "low_half": b'"a":"\\ude00"', "two_highs": b'"a":"\\ud83d\\ud83d"',
        "short_u": b'"a":"\\u12"',
        "invalid": b'"a":"\xff"', "overlong": b'"a":"\xc0\x80"', "surrogate": b'"a":"\xed\xa0\x80"',
        "comment": b'/* x */"a":1', "trailing": b'"a":[1,]', "true_case": b'"a":True',
        "deep": b'"a":' + b"[" * 50 + b"]" * 50, "open": b'"a":[', "empty_key": b'"":1',
        "long_number": b'"a":' + b"9" * 400, "exponent": b'"a":1E+2', "bad_exponent": b'"a":1e',
    }
    for name, member in members.items():
        yield f"member_{name}", with_member(f"member_{name}", member)
    name = "escaped"
    plain = text(name).replace(b'"url"', b'"\\u0075rl"')
    yield name, plain.replace(b"http:/", b"\\u0068ttp:\\/")
    yield "cut", text("cut")[:-1]
    yield "utf16", text("utf16").decode().encode("utf-16")
    for name, content in {
        "blank": b" \n\t\n", "empty": b"", "object": b"{}", "null": b"null", "number": b"1",
        "string": b'"x"', "comment_only": b"# x\n", "zero": b"\0", "open_object": b"{",
    }.items():
        yield f"only_{name}", content


def texts(sha256):
    """The text form."""
    lines = {
        "plain": "{url}\nsha256={sha}\n", "no_end": "{url}\nsha256={sha}",
        "crlf": "{url}\r\nsha256={sha}\r\n",
        "cr": "{url}\rsha256={sha}\r", "blank_lines": "\n\n  {url}  \n\n  sha256={sha}  \n\n",
        "comments": "# a\n{url}\n# sha256=0\nsha256={sha}\n", "inline": "{url} # x\nsha256={sha}\n",
        "inline_sha": "{url}\nsha256={sha} # x\n", "tabs": "\t{url}\t\n\tsha256\t=\t{sha}\t\n",
        "spaces": "{url}\nsha256 = {sha}\n", "upper_key": "{url}\nSHA256={sha}\n",
        "upper": "{url}\nsha256={SHA}\n", "colon": "{url}\nsha256: {sha}\n",
        "quoted": "{url}\nsha256=\"{sha}\"\n",
        "no_sha": "{url}\n", "no_sha_crlf": "{url}\r\n", "empty_sha": "{url}\nsha256=\n",
        "short_sha": "{url}\nsha256={sha63}\n", "long_sha": "{url}\nsha256={sha}0\n",
        "last_wins": "{url}\nsha256=0\nsha256={sha}\n",
        "last_loses": "{url}\nsha256={sha}\nsha256=0\n",
        "sha_first": "sha256={sha}\n{url}\n", "two_urls": "{url}\n{url}2\nsha256={sha}\n",
        "ftp": "ftp://h.example/x\nsha256={sha}\n",
        "https_up": "HTTPS://h.example/x\nsha256={sha}\n",
        "no_url": "\nsha256={sha}\n",
        "other_keys": "{url}\nfallback=http://h.example/y\nsize=1\nsha256={sha}\nextract=rar\n",
        "size_odd": "{url}\nsize=-1\nsha256={sha}\n", "junk": "{url}\njunk\n=\n==\nsha256={sha}\n",
        "equals": "{url}\nsha256=={sha}\n", "equals_after": "{url}\nsha256={sha}=\n",
        "in_query": "{url}?sha256={sha}\n",
        "bom": "\ufeff{url}\nsha256={sha}\n",
        "nbsp": "\u00a0{url}\u00a0\n\u2003sha256={sha}\u3000\n",
        "zero_width": "\u200b{url}\nsha256={sha}\n", "nel": "{url}\u0085sha256={sha}\n",
        "vt": "{url}\x0bsha256={sha}\n",
        "nul_end": "{url}\nsha256={sha}\n\0", "nul_sha": "{url}\nsha256={sha}\0\n",
        "unicode": "{url}ü\nsha256={sha}\n",
        "brace_later": "{url}\n{{\nsha256={sha}\n", "semicolon": "; x\n{url}\nsha256={sha}\n",
        "slashes": "// x\n{url}\nsha256={sha}\n",
        "hash_in_url": "{url}#part\nsha256={sha}\n", "key_part": "{url}\nxsha256={sha}\n",
        "key_dash": "{url}\nsha-256={sha}\n",
        "url_spaces": "http://h.example/a b c.bin\nsha256={sha}\n",
    }
    for name, line in lines.items():
        name = f"text_{name}"
        yield name, line.format(
            url=url(name), sha=sha256, SHA=sha256.upper(), sha63=sha256[:63]).encode()
    yield "text_latin1", f"{url('text_latin1')}ü\nsha256={sha256}\n".encode("latin-1")
    broken = f"# \udcff\n{url('text_broken')}\nsha256={sha256}\n"
    yield "text_broken", broken.encode("utf-8", "surrogateescape")
    yield "text_utf16", f"{url('text_utf16')}\nsha256={sha256}\n".encode("utf-16")


def every(sha256):
    """All vectors by name; no name stands twice."""
    vectors = {}
    for name, content in [
            *recorded(sha256), *json_members(sha256), *json_texts(sha256), *texts(sha256)]:
        assert name not in vectors, name
        vectors[name] = content
    return vectors
