"""The configuration is read again while the server runs: all of it counts, or nothing; nobody is cut off."""
import contextlib
import re
import signal
import smtplib
import socket
import subprocess
import threading

import pytest
from conftest import DOMAIN, answers, free_port, wait_for
from hop import Hop
from talk import Talk


@pytest.fixture
def server(make_server):
    return make_server("loops 2\nretry-first 1s")


def rewrite(s, *changes):
    text = s.config.read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    s.config.write_text(text)


def add(s, lines):
    s.config.write_text(s.config.read_text() + lines + "\n")


def told(s, *words):
    said = s.run("reload")
    for word in words:
        assert word in said, (word, said)
    return said


def test_limits_change_for_those_who_come(server):
    s = server
    with Talk(s) as before:
        assert told(s) == "nothing in the configuration has changed; users and aliases were read again\n"
        add(s, "max-recipients 100\nmax-message-size 2MB")
        rewrite(s, (f"hostname mx.{DOMAIN}", f"hostname mx2.{DOMAIN}"), ("max-message-size 3MB\n", ""))
        told(s, "max-recipients: 1000, now 100\n", "max-message-size: 3MB, now 2MB\n",
             f"hostname: mx.{DOMAIN}, now mx2.{DOMAIN}\n", "3 changes in the configuration; users")
        before.mail(parameters=" SIZE=2900000")  # as it was promised
        before.data().must_be(250, "2.0.0")
        before.say("EHLO again")
        with Talk(s) as after:
            assert f"220 mx2.{DOMAIN}" in repr(after.greeting).replace("  ", " ")
            after.say("MAIL FROM:<x@example.org> SIZE=2900000").must_be(552, "5.3.4")
        before.mail()
        before.data().must_be(250, "2.0.0")
    assert 'option-changed option=max-recipients was="1000" is="100"' in s.log.read_text()
    s.audit()


def test_when_it_is_done_every_loop_has_it(server):
    """Whoever hears "end" may try it at once, at whatever loop has his session."""
    s = server
    with contextlib.ExitStack() as stack:
        sessions = [stack.enter_context(Talk(s)) for _ in range(8)]
        for t in sessions:
            t.say("MAIL FROM:<x@example.org>").must_be(250, "2.1.0")
        for i in range(40):
            with open(s.users_file, "a") as users:
                users.write(f"new{i}@{DOMAIN}\n")
            with socket.socket(socket.AF_UNIX) as control:
                control.connect(str(s.state / "control"))
                control.sendall(b"reload\n\n")
                said = b""
                while not said.endswith(b"end\n"):
                    said += control.recv(4096)
            sessions[i % 8].say(f"RCPT TO:<new{i}@{DOMAIN}>").must_be(250, "2.1.5")
        for _ in range(20):  # whoever goes does not wait for it
            with socket.socket(socket.AF_UNIX) as control:
                control.connect(str(s.state / "control"))
                control.sendall(b"reload\n\n")
        told(s, "nothing in the configuration has changed")


def test_listeners_come_and_go_and_sessions_stay(server, tmp_path):
    s = server
    other, path = free_port(), tmp_path / "in"
    with Talk(s) as t, Talk(s) as in_data:
        in_data.mail()
        in_data.say("DATA")
        in_data.send("Subject: x\r\n\r\nfirst ")
        rewrite(s, (f"listen 127.0.0.1:{s.port}", f"listen 127.0.0.1:{other}\nlisten {path} mode 0600"))
        told(s, f"listen: no more 127.0.0.1:{s.port}\n", f"listen: new is 127.0.0.1:{other}\n", f"new is {path}")
        wait_for("the end of the old one", lambda: not answers(s.port))
        t.mail()  # whoever is here stays
        t.data().must_be(250, "2.0.0")
        in_data.send("second\r\n")
        in_data.say(".").must_be(250, "2.0.0")
        with smtplib.SMTP("127.0.0.1", other, timeout=20) as c:
            assert c.noop()[0] == 250
        with socket.socket(socket.AF_UNIX) as c:
            c.connect(str(path))
            assert c.recv(500).startswith(b"220")
        assert path.stat().st_mode & 0o777 == 0o600
        rewrite(s, (f"listen {path} mode 0600", f"listen {path} mode 0666 max-message-size 1MB"))
        told(s, "2 changes")
        assert path.stat().st_mode & 0o777 == 0o666
        rewrite(s, (f"listen {path} mode 0666 max-message-size 1MB", ""), (f"listen 127.0.0.1:{other}",
                                                                            f"listen 127.0.0.1:{s.port}"))
        told(s, f"no more {path} ", f"new is 127.0.0.1:{s.port}\n")
        wait_for("the end of the new ones", lambda: not path.exists() and not answers(other))
        assert answers(s.port)
        t.mail()
        t.data().must_be(250, "2.0.0")


WRONG = [
    ("expire soon", r"\.conf:(\d+): expire can't be \"soon\"; write it as a time"),
    ("listn 127.0.0.1:25", r"\.conf:(\d+): \"listn\" is not an option; did you mean \"listen\""),
    ("aliases /no/such/file", r"cannot .*/no/such/file: No such file"),
    ("listen 192.0.2.1:2525", r"cannot listen on 192.0.2.1:2525: Cannot assign"),
    ("dns-anchor /no/such/anchor", r"the trust anchors in /no/such/anchor can't be read"),
    ("dns 127.0.0.1:53\ndns-anchor /no/such/anchor", r"the trust anchors in /no/such/anchor can't be read"),
    ("max-message-size 60MB\nsegment-size 100MB", r"segment-size can change only when the server is started anew"),
]


def test_what_is_wrong_changes_nothing(server):
    s = server
    good = s.config.read_text()
    for line, why in WRONG:
        # right things beside the wrong one
        other = free_port()
        text = good.replace("segment-size 5MB\n", "").replace("max-message-size 3MB\n", "") \
            if "segment-size" in line else good
        s.config.write_text(f"{text}max-errors 3\nlisten 127.0.0.1:{other}\n{line}\n")
        before = s.log.read_text()
        s.process.send_signal(signal.SIGHUP)
        new = wait_for("the refusal", lambda: "configuration-unchanged" in (n := s.log.read_text()[len(before):]) and n)
        found = re.search(why, new.replace('\\"', '"'))
        assert found, (why, new)
        if found.groups():
            assert int(found.group(1)) == len(s.config.read_text().splitlines())
        assert "the configuration known before stays" in new and "option-changed" not in new
        assert not answers(other)
        r = s.run("reload", check=False)
        assert r.returncode == 1 and re.search(why, r.stderr), r.stderr
    s.config.write_text(good)
    assert "nothing in the configuration has changed" in told(s)
    with Talk(s) as t:
        for _ in range(5):
            t.say("NONSENSE").must_be(500, "5.5.1")  # max-errors is still 20


def test_what_needs_a_restart_is_named(server):
    s = server
    rewrite(s, ("loops 2", "loops 1\nmailbox-concurrency 7"))
    told(s, "loops: 2, and when the server is started anew 1\n",
         "2 changes in the configuration, 2 of which wait for the next start; ")
    told(s, "loops: 2, and when the server is started anew 1\n")  # it still differs from what runs
    add(s, "\n".join(f"route x{i}.test 127.0.0.1:25" for i in range(25)))
    said = told(s, "route: new is x0.test", "route: and more\n", "27 changes")
    assert said.index("route: new is x19.test") < said.index("route: and more\n")
    assert said.count("route: ") == 21 and s.log.read_text().count("option=route ") == 20
    assert 'option-waits option=mailbox-concurrency was="4" is="7"' in s.log.read_text()
    with Talk(s) as t:
        t.mail()
        t.data().must_be(250, "2.0.0")


def test_routes_retries_and_users_are_applied(server):
    s = server
    with Hop() as hop, Hop() as other:
        with Talk(s) as t:
            t.say("MAIL FROM:<x@example.org>").must_be(250, "2.1.0")
            t.say("RCPT TO:<y@example.net>").must_be(550, "5.4.4")
            add(s, f"route example.net 127.0.0.1:{hop.port}\nconnect-timeout 1s")
            s.users_file.write_text(s.users + f"dora@{DOMAIN}\n")
            told(s, "route: new is example.net 127.0.0.1:")
            t.say("RCPT TO:<y@example.net>").must_be(250, "2.1.5")  # the directory is of now
            t.say(f"RCPT TO:<dora@{DOMAIN}>").must_be(250, "2.1.5")
            t.data().must_be(250, "2.0.0")
        subprocess.run([*s.quick, "-c", s.config, "sendmail", f"dora@{DOMAIN}"], input=b"Subject: x\n\nx\n", check=True,
                       timeout=60)
        s.wait_for_mail("dora", 2)
        wait_for("it there", lambda: hop.taken)
        # what waits for a server that is not there goes where the new route leads
        rewrite(s, (f"127.0.0.1:{hop.port}", f"127.0.0.1:{free_port()}"))
        told(s, "route: no more", "route: new")
        waits = s.send("z@example.net")
        wait_for("a delay", lambda: f"delayed id={waits}" in s.log.read_text())
        rewrite(s, (re.search(r"127\.0\.0\.1:\d+\nconnect", s.config.read_text()).group(),
                    f"127.0.0.1:{other.port}\nmax-recipients-per-delivery 1\nconnect"),
                (f"hostname mx.{DOMAIN}", f"hostname mx2.{DOMAIN}"))
        told(s, "route: new", "hostname: ")
        s.run("queue", "retry", "all", "--yes")
        wait_for("it at the new server", lambda: other.taken)
        assert f"EHLO mx2.{DOMAIN}" in other.hellos
        s.send(["a@example.net", "b@example.net"])
        wait_for("each by itself", lambda: len(other.taken) == 3)
        # the time after which it is given up
        rewrite(s, (f"127.0.0.1:{other.port}\n", f"127.0.0.1:{free_port()}\nexpire 1s\n"))
        told(s, "expire: 5d, now 1s")
        lost = s.send("z@example.net")
        wait_for("the end of it", lambda: f"failed id={lost}" in s.log.read_text())
    s.audit()


class NoSuchName(threading.Thread):
    """A name server that knows no name; or says nothing at all."""

    def __init__(self, answers):
        super().__init__(daemon=True)
        self.answers, self.asked = answers, threading.Event()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.start()

    def run(self):
        while True:
            question, who = self.socket.recvfrom(4096)
            self.asked.set()
            if self.answers:
                self.socket.sendto(question[:2] + b"\x81\x83" + question[4:6] + bytes(6) +
                                   question[12:question.index(0, 12) + 5], who)


def test_another_dns_is_asked_from_then_on(make_server):
    silent, knows_none = NoSuchName(False), NoSuchName(True)
    s = make_server(f"route * mx\ndns {silent.place}\nstop-timeout 300ms")
    waits = s.send("x@one.test")
    assert silent.asked.wait(20)  # and the question stays under way
    rewrite(s, (silent.place, knows_none.place))
    told(s, f"dns: no more {silent.place}\n", f"dns: new is {knows_none.place}\n")
    fails = s.send("x@two.test")
    wait_for("the answer", lambda: f"failed id={fails}" in s.log.read_text())
    assert f"failed id={waits}" not in s.log.read_text()
    rewrite(s, (f"dns {knows_none.place}", "dns system"))
    told(s, "dns: new is system\n")
    assert s.stop() == 0


def test_under_load_nobody_is_cut_off(server):
    """Reloads, with a listener that comes and goes, while clients send: each gets its answers."""
    s = server
    stop, sent, faults = threading.Event(), [], []

    def client():
        try:
            with s.client() as c:
                while not stop.is_set():
                    c.sendmail("x@example.org", [f"bob@{DOMAIN}"], "Subject: x\r\n\r\nx\r\n")
                    sent.append(1)
            with s.client() as c:
                c.noop()
        except Exception as e:  # noqa: BLE001
            faults.append(repr(e))
    threads = [threading.Thread(target=client) for _ in range(4)]
    for t in threads:
        t.start()
    good = s.config.read_text()
    for i in range(12):
        s.config.write_text(f"{good}\nmax-recipients {100 + i}\n" +
                            (f"listen 127.0.0.1:{free_port()}\ndns 127.0.0.1:53\n" if i % 2 else ""))
        if i % 3:
            s.run("reload")
        else:
            s.process.send_signal(signal.SIGHUP)
    stop.set()
    for t in threads:
        t.join(30)
    assert not faults and len(sent) > 20
    s.wait_for_mail("bob", len(sent))
    s.audit()


def test_reload_without_a_server_or_file(make_server, tmp_path):
    s = make_server()
    s.stop()
    r = s.run("reload", check=False)
    assert r.returncode == 1 and "no plainpost runs on" in r.stderr
    r = s.run("reload", "now", check=False)
    assert r.returncode == 2 and "takes no arguments" in r.stderr
