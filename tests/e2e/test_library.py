"""libplainpost-explain as another program meets it: installed, found by pkg-config, static and shared. It asks the
system for nothing but memory, shows no name but its own, and says what the command says."""
import json
import os
import subprocess

import pytest
from conftest import PLAINPOST, ROOT
from libraries import BUILDS, functions_of, installed_library, needed

NOTICES = sorted((ROOT / "demo" / "notices").glob("*.eml"))
HEADER = (ROOT / "include" / "plainpost" / "explain.h").read_text()

# All that it may ask of the C library. iconv opens its tables by itself, where a character set is a rare one; stderr
# is for the last words before abort(). __popcountdi2 is the compiler's: bits are counted by it where no instruction does.
ALLOWED = set("""
    __assert_fail __errno_location __popcountdi2 abort calloc explicit_bzero free realloc fprintf fputc fwrite stderr iconv iconv_close iconv_open
    memchr memcmp memcpy memmem memmove memset qsort snprintf strchr strcmp strlen strncmp vsnprintf
    """.split())


@pytest.fixture(scope="module", params=BUILDS, ids=lambda build: build.name)
def installed(request, tmp_path_factory):
    with installed_library("plainpost-explain", request.param, tmp_path_factory.mktemp("installed")) as library:
        yield library


@pytest.mark.parametrize("is_static", [False, True], ids=["shared", "static"])
def test_the_example(installed, tmp_path, is_static):
    program = installed.compile(tmp_path / "example", ROOT / "doc" / "explain-example.c", is_static=is_static)
    assert ("libplainpost-explain.so.0" in needed(program)) == (not is_static)
    environment = installed.environment if not is_static else os.environ
    r = subprocess.run([program], input=NOTICES[6].read_bytes(), capture_output=True, env=environment, timeout=30)
    assert r.returncode == 0, r.stderr.decode()
    told = json.loads(subprocess.run([PLAINPOST, "explain", "--json", NOTICES[6]], capture_output=True).stdout)
    first, *lines = r.stdout.decode().splitlines()
    assert first == f"{told['verdict']['class']} ({told['verdict']['confidence']}): {told['summary']}"
    assert len(lines) > 1
    assert lines == [f"{to['address']}: {to.get('cause', '')}, can act: {to.get('who_acts', '')}"
                     for to in told["recipients"]]


@pytest.mark.parametrize("standard", ["-std=c++98", "-std=c++20"])
def test_the_header_is_of_every_c_plus_plus(installed, tmp_path, standard):
    source = tmp_path / "header.cc"
    text = (ROOT / "tests" / "library" / "header.cc").read_text()
    source.write_text(text.replace("nullptr", "0") if standard == "-std=c++98" else text)
    more = ["-Wno-long-long"] if standard == "-std=c++98" else []
    program = installed.compile(tmp_path / "header", source, "c++", standard, more=more)
    assert subprocess.run([program], env=installed.environment, timeout=30).returncode == 0


def test_threads_have_the_same_answers_and_those_of_the_command(installed, tmp_path):
    program = installed.compile(tmp_path / "threads", ROOT / "tests" / "library" / "threads.c", more=["-pthread"])
    r = subprocess.run([program, *NOTICES], capture_output=True, env=installed.environment, timeout=120)
    assert r.returncode == 0, r.stderr.decode()[-3000:]
    told = subprocess.run([PLAINPOST, "explain", "--json", *NOTICES], capture_output=True, timeout=30).stdout
    assert r.stdout == told and told.count(b"\n") == len(NOTICES)


def large_messages():
    head = (b"From: mailer-daemon@example.net\r\nSubject: Undelivered\r\n"
            b"Content-Type: text/plain; charset=koi8-r\r\n\r\n")
    yield head + bytes(range(0xA3, 0x100)) * 200_000
    yield head + b"These addresses failed:\r\n\r\n" + b"".join(
        b"<u%d@example.org>:\r\n550 5.1.1 no such user\r\n\r\n" % i for i in range(12_000))


def test_memory_is_bounded(installed, tmp_path):
    if installed.sanitizers:
        pytest.skip("the sanitizers take memory of their own")
    program = installed.compile(tmp_path / "example", ROOT / "doc" / "explain-example.c")
    for message in large_messages():
        own = 2 * len(message) + 12_000_000  # the example reads into memory that doubles; libraries, stack
        most = 6 * len(message) + 10_000_000 + own
        r = subprocess.run(["sh", "-c", f"ulimit -v {most // 1024} && exec {program}"], input=message,
                           capture_output=True, env=installed.environment, timeout=60)
        assert r.returncode == 0, r.stderr.decode()


@pytest.mark.parametrize("library", ["libplainpost-explain.so", "libplainpost-explain.a"])
def test_it_asks_the_system_for_nothing(installed, library):
    asked = installed.asks_for(installed.folder / library)
    assert "calloc" in asked and "iconv" in asked
    assert asked <= ALLOWED, sorted(asked - ALLOWED)


def test_it_needs_no_other_library(installed):
    assert installed.needs() == ["libc.so.6"]


@pytest.mark.parametrize("library", ["libplainpost-explain.so", "libplainpost-explain.a"])
def test_it_shows_no_name_but_its_own(installed, library):
    assert installed.shows(installed.folder / library) == functions_of(HEADER)


def test_it_keeps_no_state(installed):
    """Nothing that could be written to: no data, and nothing that starts as zeros."""
    if installed.sanitizers:
        pytest.skip("the sanitizers keep state of their own")
    sizes = installed.state()
    assert sizes and not any(sizes.values()), sizes


def test_versions_agree(installed):
    installed.assert_versions_agree(HEADER, "PLAINPOST_EXPLAIN_VERSION")
