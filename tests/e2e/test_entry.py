"""Whom we let in: lists in the DNS, reverse names, EHLO; greylisting; and that an operator finds what was refused."""
import json
import socket
import time

import pytest
from conftest import DOMAIN, free_port, wait_for
from fake_dns import FAIL, SILENCE, FakeDns, host_name, txt
from talk import Talk

ZONE = {
    "7.2.0.192.in-addr.arpa": {"PTR": [host_name("mail.fine.example")]},
    "mail.fine.example": {"A": ["192.0.2.7"]},
    "66.2.0.192.zen.example": {"A": ["127.0.0.2"], "TXT": [txt("Spam came from it: https://zen.example/66")]},
    "8.2.0.192.in-addr.arpa": {"PTR": [host_name("192-0-2-8.dsl.example")]},
    "192-0-2-8.dsl.example": {"A": ["192.0.2.8"]},
}
LISTS = "dns-list zen.example points 127.0.0.2=9 see https://zen.example/remove\n"
POINTS = "greylist-points 3\nrefuse-points 8\ngreylist-wait 1s\n"


class Client(Talk):
    """One that comes through a proxy, which says who it is."""

    def __init__(self, server, address, hello="mail.fine.example"):
        self.socket, self.kept = socket.socket(), b""
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", server.proxied))
        self.send(f"PROXY {'TCP6' if ':' in address else 'TCP4'} {address} {address} 40000 25\r\n")
        self.greeting = self.read()
        self.say(f"EHLO {hello}").must_be(250, "")

    def rcpt(self, sender="a@x.example", to=f"alice@{DOMAIN}"):
        self.say(f"MAIL FROM:<{sender}>").must_be(250, "2.1.0")
        return self.say(f"RCPT TO:<{to}>")


@pytest.fixture
def make(make_server):
    def make(dns, options=POINTS + LISTS, **more):
        port = free_port()
        s = make_server(f"dns {dns.server}\nlisten 127.0.0.1:{port} proxy 127.0.0.1\n{options}", **more)
        s.proxied = port
        return s
    return make


def refusals(server, what, count=1):
    """As trace has them, when they are written."""
    def found():
        r = server.run("trace", "--json", "--refused", what, check=False)
        return r.returncode == 0 and len(f := json.loads(r.stdout)) >= count and f
    return wait_for(f"what was refused of {what}", found)


def test_a(make):
    with FakeDns(ZONE) as dns:
        s = make(dns)
        for a in ("192.0.2.7", "192.0.2.66", "192.0.2.8", "192.0.2.9", "2001:db8::7"):
            t=time.time()
            with Client(s, a) as c:
                print(a, c.rcpt(), time.time()-t)
        print(s.log.read_text())
        print(dns.asked)
        time.sleep(1.5)
        import subprocess
        print(subprocess.run(["sqlite3", s.state/"refusals.sqlite", "select * from refusal"], capture_output=True, text=True))
        assert s.stop() == 0
        assert 0
