"""Several listeners, each with settings of its own; proxies and front ends that say for whom they come; and what a
client may have. Debian's HAProxy and nginx stand in front, and swaks speaks XCLIENT."""
import base64
import grp
import http.server
import os
import re
import socket
import stat
import struct
import subprocess
import threading

import pytest

from conftest import DOMAIN, Server, answers, free_port, wait_for
from talk import Talk

LOCAL = "127.0.0.1"
STRANGER = "127.0.0.2"  # connects from there; only 127.0.0.1 is trusted
FAR = "nobody@far.example"
GROUP = grp.getgrnam("daemon") if os.getuid() == 0 else grp.getgrgid(os.getgid())
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


class Call(Talk):
    """A Talk to another place, from another address, with something said before the greeting."""

    def __init__(self, to, source=None, first=b"", greeting=True, hello=True):
        family = socket.AF_UNIX if isinstance(to, str) else socket.AF_INET6 if ":" in to[0] else socket.AF_INET
        self.socket = socket.socket(family)
        self.socket.settimeout(20)
        if source:
            self.socket.bind((source, 0))
        self.socket.connect(to)
        self.kept = b""
        self.send(first)
        self.greeting = self.read() if greeting else None
        if greeting and hello:
            self.say("EHLO client.test").must_be(250, "")

    def ehlo(self):
        self.send("EHLO client.test\r\n")
        lines = [self.line()]
        while lines[-1][3:4] == "-":
            lines.append(self.line())
        return [line[4:] for line in lines]

    def relays(self):
        """May this client send to far away?"""
        assert self.say("MAIL FROM:<x@example.org>").code == 250
        reply = self.say(f"RCPT TO:<{FAR}>")
        self.say("RSET")
        assert reply.code == 250 or reply.must_be(550, "5.7.1", "does not take mail for this domain")
        return reply.code == 250

    def mail_to_bob(self):
        for line in ("MAIL FROM:<x@example.org>", f"RCPT TO:<bob@{DOMAIN}>"):
            assert self.say(line).code == 250
        return self.data().must_be(250, "2.0.0").text.split()[-1]


def logged(server, event, *words):
    def found():
        for line in server.log.read_text().splitlines():
            if f" {event} " in line and all(w in line for w in words):
                return line
        return None
    return wait_for(f"{event} with {words} in the log", found, 5)


def received(server, queue_id):
    """The top field, unfolded."""
    server.wait_for_word(queue_id, "delivered")
    for message in server.messages("bob"):
        field = " ".join(message.get_all("Received")[0].split())
        if f"id {queue_id} " in field + " ":
            return field
    raise AssertionError(f"{queue_id} is not in the mailbox")


class House(Server):
    """A server with a listener of every kind."""

    def __init__(self, work):
        self.both, self.beside, self.small, self.proxied, self.fronted = (free_port() for _ in range(5))
        self.socket, self.proxied_socket = str(work / "smtp"), str(work / "proxied")
        super().__init__(work, f"""
loops 2
trusted 127.0.0.1
route * discard "for a test"
command-timeout 2s
listen [::]:{self.both}
listen 0.0.0.0:{self.beside}  hostname four.home.test
listen [::]:{self.beside}     hostname six.home.test
listen 127.0.0.1:{self.small} hostname small.home.test trusted none max-sessions 2 max-message-size 64KB
listen {self.socket}          mode 0660 group {GROUP.gr_name}
listen 127.0.0.1:{self.proxied} proxy 127.0.0.1,127.0.0.9
listen {self.proxied_socket}  proxy 127.0.0.1
listen 127.0.0.1:{self.fronted} xclient 127.0.0.1,127.0.0.9
max-sessions-per-client 2
max-sessions-per-network 3
client-network-ipv4 28
""")

    def at(self, port, host=LOCAL):
        return (host, port)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    h = House(tmp_path_factory.mktemp("house"))
    h.start()
    yield h
    assert h.stop() == 0
    text = h.log.read_text(errors="replace")
    assert "Sanitizer" not in text and "runtime error" not in text, text[-4000:]
    assert not os.path.exists(h.socket)
    h.audit()


# ---- listeners

def test_ipv4_and_ipv6_share_a_port_or_have_one_each(house):
    for port, is_v6_only in ((house.both, 0), (house.beside, 1)):
        def is_one_for_each_loop():
            sockets = subprocess.run(["ss", "-6lntHe", f"sport = :{port}"], capture_output=True, text=True).stdout
            return sockets.count(f"v6only:{is_v6_only}") == 2
        wait_for("two sockets", is_one_for_each_loop)
    for to in ((LOCAL, house.both), ("::1", house.both)):
        with Call(to) as t:
            assert t.greeting.text.startswith("mx.home.test ")
            assert t.relays() == (to[0] == LOCAL)
            queue_id = t.mail_to_bob()
        assert f"([{'IPv6:' if ':' in to[0] else ''}{to[0]}]) by mx.home.test with" in received(house, queue_id)
    for to, name in (((LOCAL, house.beside), "four.home.test"), (("::1", house.beside), "six.home.test")):
        for _ in range(4):  # whichever loop takes it
            with Call(to) as t:
                assert t.greeting.text.startswith(name + " ")
                assert t.ehlo()[0] == name
        with Call(to) as t:
            assert f"by {name} with ESMTP" in received(house, t.mail_to_bob())


def test_a_listener_has_limits_and_trust_of_its_own(house):
    with Call(house.at(house.small)) as t:
        assert "SIZE 65536" in t.ehlo() and "DSN" not in t.ehlo()
        assert not t.relays()
        t.mail()
        t.data("Subject: x\r\n\r\n" + ("x" * 70 + "\r\n") * 1000).must_be(552, "5.3.4", "at most 65536 bytes")
        with Call(house.at(house.small)), Call(house.at(house.small), hello=False) as third:
            third.greeting.must_be(421, "4.3.2", "Too many connections", "try again in a few minutes")
            third.must_be_closed()
            assert logged(house, "refused", "client=127.0.0.1", "code=421", "Too many connections at this moment")
        with Call(house.at(house.both)) as other:
            assert "SIZE 52428800" in other.ehlo() and "DSN" in other.ehlo()


def test_a_unix_socket_counts_as_this_machine(house):
    mode = os.stat(house.socket)
    assert stat.S_ISSOCK(mode.st_mode) and mode.st_mode & 0o777 == 0o660 and mode.st_gid == GROUP.gr_gid
    assert os.stat(house.proxied_socket).st_mode & 0o777 == 0o600
    calls = [Call(house.socket) for _ in range(6)]
    for t in calls:
        assert t.relays()
    assert "([127.0.0.1]) by mx.home.test" in received(house, calls[-1].mail_to_bob())
    for t in calls:
        t.socket.close()


def test_places_that_can_not_be_had(tmp_path):
    path, work = tmp_path / "place", tmp_path / "work"
    work.mkdir()

    def start(listen):
        s = Server(work, f"listen {listen}")
        return subprocess.run(s.command, capture_output=True, text=True, timeout=20, env=s.environment)
    path.write_text("not a socket")
    r = start(path)
    assert r.returncode == 1 and f"cannot listen on {path}: it is there and is not a socket" in r.stderr
    assert path.read_text() == "not a socket"
    path.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        r = start(path)
        assert r.returncode == 1 and "another program listens there" in r.stderr
        assert path.exists()
    r = start(f"{path} group no-such-group")  # the socket that the other left over is replaced
    assert r.returncode == 1 and "there is no such group" in r.stderr
    s = Server(work, f"listen {path} mode 0600").start()
    with Call(str(path)) as t:
        assert t.greeting.code == 220
    assert s.stop() == 0 and not path.exists()


def test_sendmail_finds_the_listener_that_takes_it(house, tmp_path):
    (tmp_path / "conf").write_text(f"listen 127.0.0.1:{house.proxied} proxy 127.0.0.1\nlisten {house.socket}\n")
    r = subprocess.run([*house.program, "-c", tmp_path / "conf", "sendmail", "-bs"], timeout=20, text=True,
                       input="EHLO program.test\r\nQUIT\r\n", capture_output=True, env=house.environment)
    assert r.returncode == 0 and r.stdout.startswith("220 mx.home.test ") and "\n221 " in r.stdout, r.stdout + r.stderr


# ---- the PROXY protocol

def v2(command, family, addresses=b"", more=b""):
    return SIGNATURE + bytes([0x20 | command, family]) + struct.pack("!H", len(addresses + more)) + addresses + more


def ports(client=40000, server=25):
    return struct.pack("!HH", client, server)


V4 = socket.inet_aton("192.0.2.77") + socket.inet_aton("192.0.2.25") + ports()
V6 = socket.inet_pton(socket.AF_INET6, "2001:db8::77") + socket.inet_pton(socket.AF_INET6, "2001:db8::25") + ports()
TO_LOCAL = socket.inet_aton(LOCAL) * 2 + ports()


@pytest.mark.parametrize("header, client, is_trusted", [
    (b"PROXY TCP4 192.0.2.77 192.0.2.25 40000 25\r\n", "192.0.2.77", False),
    (b"PROXY TCP6 2001:db8::77 2001:db8::25 40000 25\r\n", "IPv6:2001:db8::77", False),
    (b"PROXY TCP6 ::ffff:192.0.2.77 ::ffff:192.0.2.25 40000 25\r\n", "192.0.2.77", False),
    (b"PROXY TCP4 127.0.0.1 127.0.0.1 40000 25\r\n", LOCAL, True),
    (b"PROXY UNKNOWN\r\n", LOCAL, True),
    (v2(1, 0x11, V4), "192.0.2.77", False),
    (v2(1, 0x21, V6), "IPv6:2001:db8::77", False),
    (v2(1, 0x11, V4, b"\x04\0\x05abcde" + b"\x20\0\x01x"), "192.0.2.77", False),
    (v2(1, 0x11, TO_LOCAL), LOCAL, True),
    (v2(0, 0x00), LOCAL, True),
    (v2(0, 0x11, V4), LOCAL, True),
], ids=["v1", "v1-ipv6", "v1-mapped", "v1-trusted", "v1-unknown", "v2", "v2-ipv6", "v2-more", "v2-trusted", "v2-local",
        "v2-local-with-addresses"])
def test_the_client_of_a_proxy_is_who_counts(house, header, client, is_trusted):
    with Call(house.at(house.proxied), first=header) as t:
        assert t.relays() == is_trusted
        queue_id = t.mail_to_bob()
    assert f"from client.test ([{client}]) by" in received(house, queue_id)
    assert f"client.test [{client}]" in house.run("trace", queue_id)
    line = logged(house, "accepted", f"id={queue_id}")
    assert f"client={client} " in line.replace('"', "") and ("through=127.0.0.1" in line) == (b"UNKNOWN" not in header
                                                                                               and header[12] != 0x20)


def test_a_header_in_pieces_and_through_a_unix_socket(house):
    header = v2(1, 0x11, V4, b"\x04\0\x05abcde")
    with Call(house.proxied_socket, greeting=False) as t:
        t.socket.settimeout(0.02)
        for i in range(0, len(header) - 1, 9):
            t.send(header[i:min(i + 9, len(header) - 1)])
            with pytest.raises(socket.timeout):
                t.socket.recv(1)
        t.socket.settimeout(20)
        t.send(header[-1:])
        assert t.read().code == 220
        assert t.say("EHLO x.test").code == 250 and not t.relays()


@pytest.mark.parametrize("said, why", [
    (b"EHLO client.test\r\n", "does not begin with a PROXY header"),
    (b"PROXY TCP4 192.0.2.77 192.0.2.25 40000\r\n", "addresses of a PROXY header"),
    (b"PROXY " + b"x" * 200, "within 107 characters"),
    (v2(1, 0x11, V4[:6]), "too short"),
    (v2(3, 0x11, V4), "version or a command"),
], ids=["none", "v1", "v1-endless", "v2-short", "v2-command"])
def test_a_bad_header_closes_the_connection(house, said, why):
    with Call(house.at(house.proxied), source="127.0.0.9", first=said, greeting=False) as t:
        t.must_be_closed()
    assert logged(house, "bad-proxy-header", "proxy=127.0.0.9", why)


def test_a_header_that_does_not_come_is_not_waited_for(house):
    with Call(house.at(house.proxied), source="127.0.0.9", first=v2(1, 0x11, V4)[:20], greeting=False) as late, \
            Call(house.at(house.proxied), source="127.0.0.9", greeting=False) as silent:
        late.must_be_closed()
        silent.must_be_closed()
    assert logged(house, "bad-proxy-header", "no PROXY header came in time")
    with Call(house.at(house.proxied), source="127.0.0.9", first=b"PROXY TCP4", greeting=False):
        pass
    assert logged(house, "bad-proxy-header", "ended inside a PROXY header")


def test_only_proxies_may_say_for_whom_they_come(house):
    with Call(house.at(house.proxied), source=STRANGER) as t:
        assert not t.relays()
        t.say("PROXY TCP4 127.0.0.1 127.0.0.1 40000 25").must_be(500, "5.5.1", "does not know that command")
        assert f"([{STRANGER}])" in received(house, t.mail_to_bob())


def test_limits_count_the_client_behind_the_proxy(house):
    def come(address):
        return Call(house.at(house.proxied), first=f"PROXY TCP4 {address} 192.0.2.25 4 25\r\n".encode(), hello=False)
    with come("192.0.2.80"), come("192.0.2.80"):
        with come("192.0.2.80") as t:
            t.greeting.must_be(421, "4.7.0", "from 192.0.2.80 at a time", "at most 2")
            t.must_be_closed()
        with come("192.0.2.81") as t:
            assert t.greeting.code == 220
            with come("192.0.2.82") as fourth:
                fourth.greeting.must_be(421, "4.7.0", "from the network 192.0.2.80/28 at a time", "at most 3")
            with come("192.0.2.96") as elsewhere, come(LOCAL), come(LOCAL), come(LOCAL) as trusted:
                assert elsewhere.greeting.code == trusted.greeting.code == 220
    checks = [Call(house.at(house.proxied), source="127.0.0.9", first=v2(0, 0)) for _ in range(4)]
    for t in checks:  # the proxy itself is not counted
        t.socket.close()
    assert logged(house, "refused", "client=192.0.2.80", "from 192.0.2.80 at a time")
    assert logged(house, "refused", "client=192.0.2.82", "from the network 192.0.2.80/28")
    wait_for("places to be free again", lambda: come("192.0.2.80").greeting.code == 220, 5)


class Peer:
    """A program in front of the server; it ends with the test."""

    def __init__(self, command, port, log):
        self.log = log
        self.process = subprocess.Popen(command, stdout=open(log, "ab"), stderr=subprocess.STDOUT)
        wait_for(command[0], lambda: self.process.poll() is not None or answers(port))
        assert self.process.poll() is None, log.read_text()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)


def test_behind_a_real_haproxy(house, tmp_path):
    one, two, local = free_port(), free_port(), free_port()
    config = tmp_path / "haproxy.cfg"
    config.write_text(f"""
global
    log stdout format raw local0
defaults
    mode tcp
    log global
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    default-server source 127.0.0.1 check inter 200ms rise 1
listen one
    bind 127.0.0.1:{one}
    option smtpchk HELO haproxy.test
    server s 127.0.0.1:{house.proxied} send-proxy
listen two
    bind 127.0.0.1:{two}
    option smtpchk HELO haproxy.test
    server s 127.0.0.1:{house.proxied} send-proxy-v2 proxy-v2-options unique-id,crc32c
    unique-id-format %[uuid()]
listen unix
    bind 127.0.0.1:{local}
    server s unix@{house.proxied_socket} send-proxy-v2
""")
    with Peer(["haproxy", "-db", "-f", config], one, tmp_path / "haproxy.log") as peer:
        for port in (one, two, local):
            with Call((LOCAL, port), source=STRANGER) as t:
                assert not t.relays()
                queue_id = t.mail_to_bob()
            assert f"([{STRANGER}])" in received(house, queue_id)
            logged(house, "accepted", f"id={queue_id}", f"client={STRANGER}", "through=127.0.0.1")
            with Call((LOCAL, port)) as t:
                assert t.relays()
        assert "is DOWN" not in peer.log.read_text(), peer.log.read_text()


# ---- XCLIENT

def xclient(t, words):
    t.say(f"XCLIENT {words}").must_be(220, "")
    return t


def test_xclient_is_for_front_ends(house):
    offer = "XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT"
    with Call(house.at(house.fronted), source=STRANGER) as stranger, Call(house.at(house.both)) as elsewhere, \
            Call(house.at(house.fronted)) as front:
        for t in (stranger, elsewhere):
            assert offer not in t.ehlo()
            t.say("XCLIENT ADDR=127.0.0.1").must_be(550, "5.7.0", "front ends", "without it")
        assert not stranger.relays()
        assert offer in front.ehlo()
        front.say("XCLIENT ADDR=here").must_be(501, "5.5.4", "ADDR must be an address", "192.0.2.1")
        front.say("MAIL FROM:<x@example.org>").must_be(250, "2.1.0")
        front.say("XCLIENT ADDR=192.0.2.1").must_be(503, "5.5.1", "RSET")


def test_xclient_says_who_the_client_is(house):
    with Call(house.at(house.fronted)) as t:
        assert t.relays()
        xclient(t, "NAME=spike.example.org ADDR=192.0.2.90 PORT=12345 DESTADDR=192.0.2.25 DESTPORT=25")
        t.say("MAIL FROM:<x@example.org>").must_be(503, "5.5.1", "EHLO")
        assert t.ehlo() and not t.relays()
        first = t.mail_to_bob()
        xclient(t, "ADDR=IPV6:2001:db8::90 HELO=told.test PROTO=SMTP NAME=[UNAVAILABLE]")
        assert t.ehlo() and not t.relays()
        second = t.mail_to_bob()
        xclient(t, "ADDR=192.0.2.91 LOGIN=alice+20smith")
        assert t.ehlo() and t.relays()
        third = t.mail_to_bob()
        xclient(t, "ADDR=192.0.2.92")  # another client; nobody has logged in there
        assert t.ehlo() and not t.relays()
        xclient(t, "ADDR=[UNAVAILABLE]")
        assert t.ehlo() and not t.relays()
        fourth = t.mail_to_bob()
    assert "from client.test (spike.example.org [192.0.2.90]) by mx.home.test with ESMTP id" in received(house, first)
    assert "from told.test ([IPv6:2001:db8::90]) by mx.home.test with SMTP id" in received(house, second)
    assert "from client.test ([192.0.2.91]) by mx.home.test with ESMTPA id" in received(house, third)
    assert "from client.test ([unknown]) by mx.home.test with ESMTP id" in received(house, fourth)
    assert "client.test [192.0.2.90]" in house.run("trace", first)
    logged(house, "accepted", f"id={first}", "client=192.0.2.90", "through=127.0.0.1")
    logged(house, "accepted", f"id={third}", "client=192.0.2.91", 'login="alice smith"')
    logged(house, "xclient", "front=127.0.0.1", "client=192.0.2.90", "name=spike.example.org", "at=192.0.2.25")


def test_limits_count_the_client_behind_the_front_end(house):
    calls = [Call(house.at(house.fronted), source="127.0.0.9") for _ in range(4)]  # the front end itself is not counted
    for t in calls[:2]:
        xclient(t, "ADDR=192.0.2.110")
    calls[2].say("XCLIENT ADDR=192.0.2.110").must_be(421, "4.7.0", "from 192.0.2.110 at a time", "at most 2")
    calls[2].must_be_closed()
    xclient(calls[0], "ADDR=192.0.2.130")  # it goes, and makes room
    xclient(calls[3], "ADDR=192.0.2.110")
    for t in calls:
        t.socket.close()


def test_xclient_by_swaks(house):
    r = subprocess.run(
        ["swaks", "--server", LOCAL, "--port", str(house.fronted), "--helo", "swaks.test", "--from", "x@example.org",
         "--to", f"bob@{DOMAIN}", "--xclient-addr", "192.0.2.120", "--xclient-name", "spike.example.org",
         "--xclient-delim", "--xclient-helo", "told.test", "--xclient-proto", "ESMTP"],
        capture_output=True, text=True, timeout=30)
    assert r.returncode == 0, r.stdout + r.stderr
    queue_id = re.search(r"stored as (\w+)", r.stdout)[1]
    assert "from told.test (spike.example.org [192.0.2.120]) by mx.home.test with ESMTP" in received(house, queue_id)


class Allows(http.server.BaseHTTPRequestHandler):
    """nginx asks it where to go, and whether a log-in is right."""
    place = None

    def do_GET(self):
        self.send_response(200)
        self.send_header("Auth-Status", "OK" if self.headers.get("Auth-Pass") in (None, "", "right") else "Wrong")
        self.send_header("Auth-Server", LOCAL)
        self.send_header("Auth-Port", str(self.place))
        self.end_headers()

    def log_message(self, *_):
        pass


def test_behind_a_real_nginx(house, tmp_path):
    port, with_header = free_port(), free_port()
    servers = []
    for place in (house.fronted, house.proxied):
        handler = type("Handler", (Allows,), {"place": place})
        servers.append(http.server.ThreadingHTTPServer((LOCAL, 0), handler))
        threading.Thread(target=servers[-1].serve_forever, args=(0.02,), daemon=True).start()
    config = tmp_path / "nginx.conf"
    config.write_text(f"""
load_module /usr/lib/nginx/modules/ngx_mail_module.so;
daemon off;
master_process off;
pid {tmp_path}/pid;
error_log stderr;
events {{ worker_connections 64; }}
mail {{
    server_name front.test;
    proxy_pass_error_message on;
    smtp_auth none plain;
    server {{ listen {LOCAL}:{port}; protocol smtp; xclient on; auth_http {LOCAL}:{servers[0].server_port}/; }}
    server {{ listen {LOCAL}:{with_header}; protocol smtp; xclient off; proxy_protocol on;
              auth_http {LOCAL}:{servers[1].server_port}/; }}
}}
""")
    with Peer(["nginx", "-p", tmp_path, "-c", config, "-e", "stderr"], port, tmp_path / "nginx.log"):
        for at in (port, with_header):
            with Call((LOCAL, at), source=STRANGER) as t:
                t.say("MAIL FROM:<x@example.org>")
                t.say(f"RCPT TO:<{FAR}>").must_be(550, "5.7.1")
            with Call((LOCAL, at), source=STRANGER) as t:
                assert f"from {'client' if at == port else 'front'}.test ([{STRANGER}])" in received(
                    house, t.mail_to_bob())
        with Call((LOCAL, port), source=STRANGER) as t:
            assert t.say("AUTH PLAIN " + base64.b64encode(b"\0alice\0right").decode()).code == 235
            assert t.relays()
            queue_id = t.mail_to_bob()
        assert f"([{STRANGER}])" in received(house, queue_id)
        logged(house, "accepted", f"id={queue_id}", "login=alice", f"client={STRANGER}")
    for s in servers:
        s.shutdown()
        s.server_close()


# ---- rates

def test_rates_of_clients_and_networks(make_server):
    s = make_server("trusted 127.0.0.1\nroute * discard \"for a test\"\nclient-network-ipv4 31\n"
                    "client-connection-rate 3/1h\nclient-message-rate 2/1h\nclient-recipient-rate 4/1h\n"
                    "network-connection-rate 4/1h\nnetwork-message-rate 3/1h")
    to, other = (LOCAL, s.port), "127.0.0.3"
    with Call(to, source=STRANGER) as t:
        for _ in range(2):
            t.mail_to_bob()
        t.say("MAIL FROM:<x@example.org>").must_be(450, "4.7.1", f"Too many messages from {STRANGER}",
                                                   "at most 2 an hour", "try again in 30 minutes")
        t.say("NOOP").must_be(250, "2.0.0")
        logged(s, "refused", f"client={STRANGER}", "code=450", "Too many messages")
    with Call(to, source=other) as t:
        t.say("MAIL FROM:<x@example.org>").must_be(250, "2.1.0")
        for _ in range(3):
            t.say(f"RCPT TO:<nobody@{DOMAIN}>").must_be(550, "5.1.1")  # those that do not exist count too
        t.say(f"RCPT TO:<bob@{DOMAIN}>").must_be(250, "2.1.5")
        t.say(f"RCPT TO:<alice@{DOMAIN}>").must_be(450, "4.7.1", f"Too many recipients from {other}",
                                                   "at most 4 an hour", "try again in 15 minutes")
        t.data().must_be(250, "2.0.0")
        t.say("MAIL FROM:<x@example.org>").must_be(450, "4.7.1", "from the network 127.0.0.2/31",
                                                   "at most 3 an hour", "try again in 20 minutes")
        logged(s, "refused", f"client={other}", f"to=alice@{DOMAIN}", "Too many recipients")
    with Call(to, source=STRANGER), Call(to, source=other):
        pass
    with Call(to, source=other, hello=False) as t:
        t.greeting.must_be(421, "4.7.0", "Too many connections from the network 127.0.0.2/31", "at most 4 an hour",
                           "try again in 15 minutes")
        t.must_be_closed()
    logged(s, "refused", f"client={other}", "code=421", "Too many connections")
    for _ in range(6):  # who is trusted is not counted
        with Call(to) as t:
            t.mail_to_bob()
    s.wait_for_mail("bob", 9)
    s.audit()
