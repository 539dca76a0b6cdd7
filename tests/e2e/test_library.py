"""libplainpost-explain as another program meets it: installed, found by pkg-config, static and shared. It asks the
system for nothing but memory, shows no name but its own, and says what the command says."""
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest
from conftest import PLAINPOST, ROOT

BUILDS = [pathlib.Path(PLAINPOST).parent] + [d for d in [ROOT / "build-strict"] if (d / "plainpost").exists()]
NOTICES = sorted((ROOT / "demo" / "notices").glob("*.eml"))
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]

# All that it may ask of the C library. iconv opens its tables by itself, where a character set is a rare one; stderr
# is for the last words before abort().
ALLOWED = set("""
    __assert_fail __errno_location abort calloc explicit_bzero free realloc fprintf fputc fwrite stderr iconv iconv_close iconv_open
    memchr memcmp memcpy memmem memmove memset qsort snprintf strchr strcmp strlen strncmp vsnprintf
    """.split())
OF_COMPILERS = re.compile(
    r"_GLOBAL_OFFSET_TABLE_$|_ITM_|__cxa_finalize|__gmon_start__|__asan_|__ubsan_|__sanitizer_cov_"
    r"|__(start___|stop___)?sancov_|__stack_chk_fail$")


def options(build):
    r = subprocess.run(["/usr/bin/meson", "introspect", "--buildoptions", build], capture_output=True, text=True,
                       check=True)
    return {o["name"]: o["value"] for o in json.loads(r.stdout)}


@pytest.fixture(scope="module", params=dict.fromkeys(BUILDS), ids=lambda build: build.name)
def installed(request, tmp_path_factory):
    """(flags for the compiler that fit the build, environment for pkg-config and for programs, the library's folder)"""
    root = tmp_path_factory.mktemp("installed")
    subprocess.run(["/usr/bin/meson", "install", "-C", request.param, "--no-rebuild", "--quiet",
                    "--tags", "devel,runtime", "--destdir", root], check=True, capture_output=True)
    found, = root.rglob("plainpost-explain.pc")
    o = options(request.param)
    sanitizers = [] if o["b_sanitize"] == "none" else [f"-fsanitize={o['b_sanitize']}"]
    environment = {**os.environ, "PKG_CONFIG_PATH": str(found.parent), "PREFIX": f"{root}{o['prefix']}",
                   "LD_LIBRARY_PATH": str(found.parent.parent)}
    yield sanitizers, environment, found.parent.parent
    shutil.rmtree(root)


def pkg_config(environment, *words):
    r = subprocess.run(["pkg-config", f"--define-variable=prefix={environment['PREFIX']}", *words, "plainpost-explain"],
                       capture_output=True, text=True, env=environment)
    assert r.returncode == 0, r.stderr
    return r.stdout.split()


def compile_with(installed, to, source, compiler="cc", standard="-std=c99", is_static=False, more=()):
    sanitizers, environment, _ = installed
    libraries = pkg_config(environment, "--libs")
    if is_static:
        libraries = ["-Wl,-Bstatic", *libraries, "-Wl,-Bdynamic"]
    r = subprocess.run([compiler, standard, *WARNINGS, *sanitizers, *more, *pkg_config(environment, "--cflags"),
                        source, "-o", to, *libraries], capture_output=True, text=True, env=environment)
    assert r.returncode == 0, r.stderr
    return to


def needed(program):
    r = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=True)
    return re.findall(r"\(NEEDED\).*\[(.*)\]", r.stdout)


@pytest.mark.parametrize("is_static", [False, True], ids=["shared", "static"])
def test_the_example(installed, tmp_path, is_static):
    program = compile_with(installed, tmp_path / "example", ROOT / "doc" / "explain-example.c", is_static=is_static)
    assert ("libplainpost-explain.so.0" in needed(program)) == (not is_static)
    environment = installed[1] if not is_static else os.environ
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
    program = compile_with(installed, tmp_path / "header", source, "c++", standard, more=more)
    assert subprocess.run([program], env=installed[1], timeout=30).returncode == 0


def test_threads_have_the_same_answers_and_those_of_the_command(installed, tmp_path):
    program = compile_with(installed, tmp_path / "threads", ROOT / "tests" / "library" / "threads.c", more=["-pthread"])
    r = subprocess.run([program, *NOTICES], capture_output=True, env=installed[1], timeout=120)
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
    if installed[0]:
        pytest.skip("the sanitizers take memory of their own")
    program = compile_with(installed, tmp_path / "example", ROOT / "doc" / "explain-example.c")
    for message in large_messages():
        own = 2 * len(message) + 12_000_000  # the example reads into memory that doubles; libraries, stack
        most = 6 * len(message) + 10_000_000 + own
        r = subprocess.run(["sh", "-c", f"ulimit -v {most // 1024} && exec {program}"], input=message,
                           capture_output=True, env=installed[1], timeout=60)
        assert r.returncode == 0, r.stderr.decode()


def symbols(file, *flags):
    r = subprocess.run(["nm", *flags, file], capture_output=True, text=True, check=True)
    return {(w[-2], w[-1].split("@")[0]) for w in map(str.split, r.stdout.splitlines()) if len(w) > 1}


def plain(name):
    """printf, where the compiler's checks made __printf_chk of it."""
    return re.sub(r"^__(\w+)_chk$|^__isoc\d+_(\w+)$", lambda m: m[1] or m[2], name)


@pytest.mark.parametrize("library", ["libplainpost-explain.so", "libplainpost-explain.a"])
def test_it_asks_the_system_for_nothing(installed, library):
    file = installed[2] / library
    asked = {plain(name) for _, name in symbols(file, *["-D"] * library.endswith("so"), "--undefined-only")}
    asked = {name for name in asked if not OF_COMPILERS.match(name)}
    assert "calloc" in asked and "iconv" in asked
    assert asked <= ALLOWED, sorted(asked - ALLOWED)


def test_it_needs_no_other_library(installed):
    sanitizers = ("libasan", "libubsan") if installed[0] else ()
    others = [name for name in needed(installed[2] / "libplainpost-explain.so") if not name.startswith(sanitizers)]
    assert others == ["libc.so.6"]


@pytest.mark.parametrize("library", ["libplainpost-explain.so", "libplainpost-explain.a"])
def test_it_shows_no_name_but_its_own(installed, library):
    shown = {name for kind, name in symbols(installed[2] / library, *["-D"] * library.endswith("so"), "--defined-only",
                                            "--extern-only") if kind != "A"}
    header = (ROOT / "include" / "plainpost" / "explain.h").read_text()
    assert shown == set(re.findall(r"\b(plainpost_\w+)\(", re.sub(r"/\*.*?\*/", "", header, flags=re.S)))


def test_it_keeps_no_state(installed):
    """Nothing that could be written to: no data, and nothing that starts as zeros."""
    if installed[0]:
        pytest.skip("the sanitizers keep state of their own")
    r = subprocess.run(["readelf", "-SW", installed[2] / "libplainpost-explain.a"], capture_output=True, text=True,
                       check=True)
    sizes = dict(re.findall(r"\] (\.data|\.bss|\.tbss|\.tdata) +\S+ +\S+ +\S+ +(\S+)", r.stdout))
    assert sizes and all(int(size, 16) == 0 for size in sizes.values()), sizes


def test_versions_agree(installed):
    _, environment, folder = installed
    version, = pkg_config(environment, "--modversion")
    major, minor, patch = map(int, version.split("."))
    header = (ROOT / "include" / "plainpost" / "explain.h").read_text()
    number, = re.findall(r"#define PLAINPOST_EXPLAIN_VERSION (\d+)", header)
    assert int(number) == 10000 * major + 100 * minor + patch
    file = (folder / "libplainpost-explain.so").resolve()
    assert file.name == f"libplainpost-explain.so.{version}"
    assert "Library soname: [libplainpost-explain.so.0]" in subprocess.run(
        ["readelf", "-d", file], capture_output=True, text=True).stdout
