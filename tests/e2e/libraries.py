"""A library for other programs as they meet it: installed, found by pkg-config, linked."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess

from conftest import PLAINPOST, ROOT

BUILDS = list(dict.fromkeys([pathlib.Path(PLAINPOST).parent] +
                            [d for d in [ROOT / "build-strict"] if (d / "plainpost").exists()]))
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]

OF_COMPILERS = re.compile(
    r"_GLOBAL_OFFSET_TABLE_$|_ITM_|__cxa_finalize|__gmon_start__|__asan_|__ubsan_|__sanitizer_cov_"
    r"|__(start___|stop___)?sancov_|__stack_chk_fail$")


def options(build):
    r = subprocess.run(["/usr/bin/meson", "introspect", "--buildoptions", build], capture_output=True, text=True,
                       check=True)
    return {o["name"]: o["value"] for o in json.loads(r.stdout)}


class Library:
    def __init__(self, name, build, root):
        subprocess.run(["/usr/bin/meson", "install", "-C", build, "--no-rebuild", "--quiet",
                        "--tags", "devel,runtime", "--destdir", root], check=True, capture_output=True)
        found, = root.rglob(f"{name}.pc")
        o = options(build)
        self.name, self.root, self.folder, self.prefix = name, root, found.parent.parent, o["prefix"]
        self.sanitizers = [] if o["b_sanitize"] == "none" else [f"-fsanitize={o['b_sanitize']}"]  # that fit the build
        self.environment = {**os.environ, "PKG_CONFIG_PATH": str(found.parent), "LD_LIBRARY_PATH": str(self.folder)}

    def pkg_config(self, *words):
        r = subprocess.run(["pkg-config", f"--define-variable=prefix={self.root}{self.prefix}", *words, self.name],
                           capture_output=True, text=True, env=self.environment)
        assert r.returncode == 0, r.stderr
        return r.stdout.split()

    def compile(self, to, source, compiler="cc", standard="-std=c99", is_static=False, more=()):
        libraries = self.pkg_config("--libs")
        if is_static:
            own = [w for w in libraries if w == f"-l{self.name}" or w.startswith("-L")]
            others = [w for w in self.pkg_config("--libs", "--static") if w not in own]
            libraries = ["-Wl,-Bstatic", *own, "-Wl,-Bdynamic", *others]
        r = subprocess.run([compiler, standard, *WARNINGS, *self.sanitizers, *self.pkg_config("--cflags"),
                            source, "-o", to, *libraries, *more], capture_output=True, text=True, env=self.environment)
        assert r.returncode == 0, r.stderr
        return to

    def asks_for(self, file):
        """The names that the library has from others, without what the compiler adds."""
        found = {plain(name) for _, name in symbols(file, *["-D"] * str(file).endswith(".so"), "--undefined-only")}
        return {name for name in found if not OF_COMPILERS.match(name)}

    def needs(self):
        sanitizers = ("libasan", "libubsan") if self.sanitizers else ()
        return [name for name in needed(self.folder / f"lib{self.name}.so") if not name.startswith(sanitizers)]

    def shows(self, file):
        return {name for kind, name in symbols(file, *["-D"] * str(file).endswith(".so"), "--defined-only",
                                               "--extern-only") if kind != "A"}

    def state(self):
        """The sizes of what could be written to."""
        r = subprocess.run(["readelf", "-SW", self.folder / f"lib{self.name}.a"], capture_output=True, text=True,
                           check=True)
        return {name: int(size, 16) for name, size in
                re.findall(r"\] (\.data|\.bss|\.tbss|\.tdata) +\S+ +\S+ +\S+ +(\S+)", r.stdout)}

    def assert_versions_agree(self, header, macro):
        version, = self.pkg_config("--modversion")
        major, minor, patch = map(int, version.split("."))
        number, = re.findall(rf"#define {macro} (\d+)", header)
        assert int(number) == 10000 * major + 100 * minor + patch
        file = (self.folder / f"lib{self.name}.so").resolve()
        assert file.name == f"lib{self.name}.so.{version}"
        assert f"Library soname: [lib{self.name}.so.0]" in subprocess.run(
            ["readelf", "-d", file], capture_output=True, text=True).stdout


@contextlib.contextmanager
def installed_library(name, build, root):
    yield Library(name, build, root)
    shutil.rmtree(root)


def functions_of(header):
    return set(re.findall(r"\b(plainpost_\w+)\(", re.sub(r"/\*.*?\*/", "", header, flags=re.S)))


def needed(program):
    r = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=True)
    return re.findall(r"\(NEEDED\).*\[(.*)\]", r.stdout)


def symbols(file, *flags):
    r = subprocess.run(["nm", *flags, file], capture_output=True, text=True, check=True)
    return {(w[-2], w[-1].split("@")[0]) for w in map(str.split, r.stdout.splitlines()) if len(w) > 1}


def plain(name):
    """printf, where the compiler's checks made __printf_chk of it."""
    return re.sub(r"^__(\w+)_chk$|^__isoc\d+_(\w+)$", lambda m: m[1] or m[2], name)
