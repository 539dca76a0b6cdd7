"""Where secrets must not be: in core files, whether the system writes one or somebody takes one of the running server.
The server is the one without sanitizers, which write none and keep what was freed."""
import os
import pathlib
import resource
import shutil
import signal
import ssl
import subprocess
import time

import pytest

from certificates import Authority
from conftest import DOMAIN, STRICT, Server
from test_login import ALICE, BOB, Submission, plain

pytestmark = pytest.mark.skipif(not STRICT.exists(), reason="needs build-strict, which ./test builds")
PATTERN = pathlib.Path("/proc/sys/kernel/core_pattern").read_text().strip()
NEEDLES = {"ascii": "correct horse battery staple", "letters": "Grünes Pferd trägt Brücke", "changed": "ﬁne ﬁre ﬁnds ﬁve"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def submission_of(tmp_path, authority):
    """A server in a folder of its own, which may write core files there as far as the system is asked."""
    made, folder = [], tmp_path / "cores"
    folder.mkdir()
    certificate, key = authority.issue("mx", f"mx.{DOMAIN}", "IP:127.0.0.1")

    def make(options):
        def make_server(text, **arguments):
            made.append(Server(tmp_path, text, program=STRICT,
                               prefix=["sh", "-c", f'cd {folder} && ulimit -c unlimited && exec "$@"', "sh"]))
            return made[-1].start()
        s = Submission(make_server, tmp_path,
                       options=f"login-delay 0s\ntls-certificate {certificate} {key}\n{options}\n")
        s.cores = folder
        return s
    yield make
    for s in made:
        if s.process.poll() is None:
            s.kill()


def log_in(s, password):
    with s.talk() as t:
        t.say("STARTTLS").must_be(220, "2.0.0")
        t.socket = ssl._create_unverified_context().wrap_socket(t.socket)
        t.say("EHLO x")
        s.login(password=password, talk=t).must_be(235, "2.7.0")
        t.mail(ALICE)
        t.data().must_be(250, "2.0.0")


def crash(s):
    """The core files that came of it."""
    os.kill(s.server.process.pid, signal.SIGABRT)
    assert s.server.process.wait(30) == -signal.SIGABRT
    return list(s.cores.iterdir())


def contents(path):
    """Without pages of zeros, which are most of it."""
    with open(path, "rb") as f:
        return b"".join(page for page in iter(lambda: f.read(4096), b"") if page.count(0) < len(page))


def passwords_in(content):
    """Any parts of them that tell something: in UTF-8, as code points, and as clients send them."""
    found = []
    for text in NEEDLES.values():
        for form in (text.encode(), text.encode("utf-32-le"), plain(ALICE, text).encode()):
            middle = len(form) // 2 // 4 * 4
            found += [p for p in (form[4:20], form[middle:middle + 16], form[-16:]) if p in content]
    return found


def use(s):
    for password in NEEDLES.values():
        s.user("passwd", ALICE, input=password + "\n")
        time.sleep(1.1)
        log_in(s, password)
    s.server.wait_for_mail("bob", len(NEEDLES))


@pytest.mark.skipif(PATTERN.startswith(("|", "/")), reason="the system hands core files to a program, or elsewhere")
@pytest.mark.skipif(resource.getrlimit(resource.RLIMIT_CORE)[1] != resource.RLIM_INFINITY, reason="core files are limited")
def test_a_core_file_holds_no_password_and_is_only_written_when_wanted(submission_of, tmp_path):
    s = submission_of("core-files yes")
    use(s)
    core, = crash(s)
    content = contents(core)
    assert ALICE.encode() in content, "the control"
    assert not passwords_in(content)
    core.unlink()
    s.server.config.write_text(s.server.config.read_text().replace("core-files yes", "core-files no"))
    s.server.start()
    log_in(s, NEEDLES["changed"])
    assert crash(s) == []


@pytest.mark.skipif(not shutil.which("gcore"), reason="needs gcore, of Debian's package gdb")
@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to read the server's memory")
def test_what_root_takes_of_the_running_server_and_all_that_it_writes_hold_no_password(submission_of, tmp_path):
    s = submission_of("")
    use(s)
    r = subprocess.run(["gcore", "-o", tmp_path / "taken", str(s.server.process.pid)], capture_output=True, text=True,
                       timeout=120)
    core, = tmp_path.glob("taken.*")
    assert ALICE.encode() in contents(core), r.stdout + r.stderr
    trace = tmp_path / "trace"
    trace.write_text(s.server.run("trace", BOB) + s.server.run("trace", "--json", BOB))
    assert s.server.stop() == 0
    for path in [core, trace, s.server.log, s.file, *s.server.state.rglob("*")]:
        assert not path.is_file() or not passwords_in(contents(path)), path
