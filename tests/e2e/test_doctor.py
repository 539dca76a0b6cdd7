"""plainpost doctor, in a network of the test's own: signed zones by Debian's nsd and unbound, and servers on the ports
where others expect them. What it says to publish is published, and it must then be content."""
import json
import subprocess

import pytest

import peer_dns
from conftest import DOMAIN, PLAINPOST, Server
from peer_dns import Nsd
from peer_transport import Authority, PolicyServer, TlsSink, Unbound, sign_zone
from test_signing import RSA, make_key

pytestmark = pytest.mark.skipif(peer_dns.why_not() is not None, reason=str(peer_dns.why_not()))

OURS, WEB, OTHER = "192.0.2.7", "192.0.2.8", "192.0.2.9"
REVERSE = "2.0.192.in-addr.arpa."
HOST = f"mx.{DOMAIN}"
BARE = f"@ MX 10 mx\nmx A {OURS}\nmta-sts A {WEB}\n"


class Lab:
    """A server of ours at its ports, and the DNS."""
    def __init__(self, work):
        self.work, self.nsd, self.unbound, self.round = work, None, None, 0
        for folder in ("keys", "authority"):
            (work / folder).mkdir()
        self.authority = Authority(work / "authority")
        certificate, key = self.authority.issue("mx", HOST)
        make_key(work / "dkim.pem", *RSA)
        self.logins = work / "logins"
        (work / "user.conf").write_text(f"state {work}/user\nlogins {self.logins}\n")
        subprocess.run([PLAINPOST, "-c", work / "user.conf", "user", "add", f"alice@{DOMAIN}"], input="wonder land 42\n",
                       text=True, check=True, capture_output=True)
        self.server = Server(work, f"listen {OURS}:25\nlisten {OURS}:587 submission\n"
                             f"listen {OURS}:465 submission tls implicit\nlogins {self.logins}\n"
                             f"tls-certificate {certificate} {key}\ntls-authorities {self.authority.certificate}\n"
                             f"dns {Unbound.address}:53\ndns-anchor {work}/keys/anchors\n"
                             f"dkim-key {DOMAIN} s1 {work}/dkim.pem\ntls-reports postmaster@{DOMAIN}\n")
        self.serve(BARE, "")
        self.server.start()

    def serve(self, ours, reverse, others=()):
        """With these zones, of which only ours is signed."""
        self.stop_dns()
        self.round += 1
        keys = self.work / f"keys{self.round}"
        keys.mkdir()
        zones = {"test.": "ns A 127.0.0.53\n", f"{DOMAIN}.": sign_zone(keys, f"{DOMAIN}.", ours), REVERSE: reverse,
                 **dict(others)}
        (self.work / "keys" / "anchors").write_text((keys / "anchors").read_text())
        self.nsd = Nsd(self.work / f"nsd{self.round}", zones)
        self.unbound = Unbound(self.work / f"unbound{self.round}", self.work / "keys" / "anchors")

    def stop_dns(self):
        for one in (self.unbound, self.nsd):
            if one:
                one.stop()

    def doctor(self, *words, status):
        r = self.server.run("doctor", *words, check=False)
        assert r.returncode == status and not r.stderr, r.stdout + r.stderr
        return r.stdout

    def json(self, *words, status):
        return json.loads(self.doctor("--json", *words, status=status))


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with peer_dns.own_network():
        for address in (OURS, WEB, OTHER):
            subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
        lab = Lab(tmp_path_factory.mktemp("doctor"))
        yield lab
        assert lab.server.stop() == 0
        lab.stop_dns()
        log = lab.server.log.read_text()
        assert "Sanitizer" not in log and "runtime error" not in log


def those(report, *levels):
    return [f for f in report["findings"] if f["level"] in levels]


def topics(report, *levels):
    """But for the clock, which is this machine's own matter."""
    return sorted({f["topic"] for f in those(report, *levels)} - {"clock"})


def published(report, *topics):
    """The records of the DNS that it wants to be published."""
    return [line for f in report["findings"] if f["topic"] in topics and f["level"] != "fine"
            for line in f.get("publish", []) if " IN " in line]


def test_what_it_says_to_publish_makes_it_content(lab):
    first = lab.json(DOMAIN, status=1)
    assert first["ours"] and first["hostname"] == HOST and not first["ok"]
    assert topics(first, "broken") == ["dkim", "reverse-dns"]
    assert topics(first, "warning") == ["dmarc", "spf"]
    assert topics(first, "advice") == ["dane", "mta-sts", "spf", "tlsrpt"]
    assert {"mx", "addresses", "connections", "certificates", "dnssec"} <= set(topics(first, "fine"))
    assert {f["about"].split(":")[-1] for f in those(first, "fine") if f["topic"] == "connections"} == \
        {"25", "465", "587"}

    ours = "\n".join(published(first, "spf", "dkim", "dmarc", "tlsrpt", "dane", "mta-sts"))
    [sts] = [f["publish"] for f in first["findings"] if f["topic"] == "mta-sts"]
    lab.serve(f"{BARE}{ours}\n", "\n".join(published(first, "reverse-dns")) + "\n")
    web = PolicyServer(WEB, lab.authority.whole(f"mta-sts.{DOMAIN}"))
    web.policies[f"mta-sts.{DOMAIN}"] = "\n".join(sts[1:]) + "\n"
    try:
        second = lab.json(DOMAIN, status=0)
        text = lab.doctor(DOMAIN, status=0)
    finally:
        web.stop()
    assert second["ok"] and not those(second, "broken", "warning"), second
    # p=none and mode: testing are where one begins
    assert topics(second, "advice") == ["dmarc", "mta-sts"]
    [dane] = [f for f in those(second, "fine") if f["topic"] == "dane"]
    assert dane["found"][0].startswith("TLSA 3 1 1 ")
    assert text.startswith(f"{DOMAIN}, as others see it\n") and " could be better" in text.splitlines()[-1]
    long = [line for line in text.splitlines() if len(line) > 80 and not line.startswith("      ")]
    assert long == []

    # Ten months on, nobody has renewed anything.
    later = lab.json("--now", str(1900000000), DOMAIN, status=1)
    assert "certificates" in topics(later, "broken", "warning")


def test_another_domain_is_seen_from_outside(lab):
    """By a name server that is asked alone, with a server of aiosmtpd behind it that does not encrypt, and one that is
    not there."""
    zone = (f"@ MX 10 mx\n@ MX 20 gone\nmx A {OTHER}\ngone A 192.0.2.99\n@ TXT \"v=spf1 +all\"\n"
            "k._domainkey TXT \"v=DKIM1; p=\"\n_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@home.test\"\n")
    lab.serve(BARE, "", {"other.test.": zone, "null.test.": "@ MX 0 .\n@ TXT \"v=spf1 -all\"\n"
                         "_dmarc TXT \"v=DMARC1; p=reject\"\n"})
    sink = TlsSink(OTHER)
    try:
        report = lab.json("--source", OTHER, "--selector", "k", "other.test", status=1)
        nothing = lab.json("--no-connect", "--dns", f"{Unbound.address}:53", "null.test", status=0)
    finally:
        sink.stop()
    assert not report["ours"] and "hostname" not in report
    said = {(f["topic"], f["level"]): f["says"] for f in report["findings"]}
    assert "lets everybody" in said["spf", "broken"]
    assert "has been revoked" in said["dkim", "broken"]
    assert f"{OTHER} has no name" in said["reverse-dns", "broken"]
    assert "home.test does not say that it wants them" in said["dmarc", "warning"]
    refused = [f for f in report["findings"] if f["topic"] == "connections"]
    assert {f["about"]: f["level"] for f in refused}.get(f"mx.other.test [{OTHER}]:25") == "warning"
    assert any("does not offer to encrypt" in f["says"] and "SMTPUTF8" in "".join(f["found"]) for f in refused)
    assert any(f["about"].startswith("gone.other.test") and f["level"] != "fine" for f in refused)
    assert topics(report, "advice") and "dnssec" in topics(report, "advice")
    assert "takes no mail" in nothing["findings"][-1]["says"] or nothing["ok"]


@pytest.mark.parametrize("words", [[], ["a.test", "b.test"], ["--now", "soon", "a.test"], ["--source", "x", "a.test"],
                                   ["--dns", "localhost", "a.test"], ["--what", "x", "a.test"], ["a b"], ["--json"]])
def test_the_command_line_is_checked(words):
    r = subprocess.run([PLAINPOST, "doctor", *words], capture_output=True, text=True, timeout=60)
    assert r.returncode == 2 and r.stderr.startswith("plainpost: ") and not r.stdout, r
