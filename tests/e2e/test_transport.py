"""What the connection to a next hop must be: DANE and MTA-STS in a network of the test's own, with signed zones, and
with Postfix beside us that sends by DANE, too. Judged by what arrives, and by what the trace says."""
import collections
import email
import email.policy
import gzip
import json
import smtplib
import sqlite3
import subprocess
import time

import pytest

import peer_dns
from conftest import DOMAIN, PEERS, PLAINPOST, wait_for
from peer_dns import Nsd
from peer_transport import Authority, DanePostfix, PolicyServer, TlsSink, Unbound, sign_zone, tlsa
from test_routing import LATER, OPTIONS, Sender, end

pytestmark = pytest.mark.skipif(peer_dns.why_not() is not None, reason=str(peer_dns.why_not()))

WEB = "127.0.2.200"


class Lab:
    """Everything that stands still: certificates, zones, and who serves them."""
    def __init__(self, work):
        self.work, self.zones, self.sinks = work, {"test.": "ns A 127.0.0.53\n"}, {}
        keys = work / "keys"
        for folder in (keys, work / "ours", work / "other"):
            folder.mkdir(parents=True)
        self.ours, self.other = Authority(work / "ours"), Authority(work / "other")
        self.anchors = keys / "anchors"
        self.good = self.ours.whole("mx.example.test")  # a name that no zone has: DANE-EE asks for none
        self.next_address = 1
        self.dane(keys)
        self.sts()
        self.nsd = Nsd(work / "nsd", self.zones)
        self.unbound = Unbound(work / "unbound", self.anchors)

    def address(self, name, certificate):
        """A mail server of this name: its address."""
        self.next_address += 1
        address = f"127.0.2.{self.next_address}"
        self.sinks[name] = (address, certificate)
        return address

    def host(self, zone, record, certificate):
        return f"@ MX 10 mx\nmx A {self.address(zone, certificate)}\n_25._tcp.mx {record}\n"

    def dane(self, keys):
        right, wrong = tlsa(3, 1, self.good), tlsa(3, 1, self.other.whole("mx.wrong.test"))
        by_authority = tlsa(2, 0, self.ours.certificate)
        texts = {
            "dane-ee": self.host("dane-ee", right, self.good),
            "dane-ta": self.host("dane-ta", by_authority, self.ours.whole("mx.dane-ta.test")),
            "dane-ta-domain": self.host("dane-ta-domain", by_authority, self.ours.whole("dane-ta-domain.test")),
            "dane-ta-name": self.host("dane-ta-name", by_authority, self.ours.whole("mx.elsewhere.test")),
            "dane-bad": self.host("dane-bad", wrong, self.good),
            "dane-plain": self.host("dane-plain", right, None),
            "dane-bogus": self.host("dane-bogus", right, self.good),
            "dane-useless": self.host("dane-useless", tlsa(1, 1, self.good), self.good),
            "dane-useless-plain": self.host("dane-useless-plain", tlsa(1, 1, self.good), None),
            "dane-null": "@ MX 0 .\n",
            "dane-fallback": self.host("dane-fallback", wrong, self.good) +
            f"@ MX 20 mx2\nmx2 A {self.address('dane-fallback-2', self.good)}\n_25._tcp.mx2 {right}\n",
            "dane-alias": f"@ MX 10 mx\nmx CNAME real\nreal A {self.address('dane-alias', self.good)}\n"
            f"_25._tcp.real {right}\n_25._tcp.mx {wrong}\n",
        }
        for name, text in texts.items():
            forge = (right.split()[-1], wrong.split()[-1]) if name == "dane-bogus" else None
            self.zones[f"{name}.test."] = sign_zone(keys, f"{name}.test.", text, forge)
        self.zones["dane-unsigned.test."] = self.host("dane-unsigned", wrong, self.good)

    def sts(self):
        names = ["sts-good", "sts-cert", "sts-plain", "sts-host", "sts-testing", "sts-broken", "sts-html", "sts-moved",
                 "sts-web", "sts-none", "sts-changes"]
        others = ("sts-cert", "sts-testing")
        for name in names:
            certificate = None if name == "sts-plain" else \
                (self.other if name in others else self.ours).whole(f"mx.{name}.test")
            self.zones[f"{name}.test."] = (
                f"@ MX 10 mx\nmx A {self.address(name, certificate)}\nmta-sts A {WEB}\n"
                "_mta-sts TXT \"v=STSv1; id=1;\"\n")
        self.zones["reports.test."] = (
            f"@ MX 10 mx\nmx A {self.address('reports', None)}\nmta-sts A {WEB}\n_mta-sts TXT \"v=STSv1; id=1;\"\n"
            "_smtp._tls TXT \"v=TLSRPTv1; rua=mailto:tls@reports.test,https://nobody.reports.test/\"\n")
        self.web_certificate = self.ours.whole(*[f"mta-sts.{n}.test" for n in names if n != "sts-web"], "mta-sts.reports.test")

    def stop(self):
        self.unbound.stop()
        self.nsd.stop()


def policy(mode, name, mx=None, max_age=86400):
    return f"version: STSv1\r\nmode: {mode}\r\nmx: {mx or f'mx.{name}.test'}\r\nmax_age: {max_age}\r\n"


@pytest.fixture(scope="module")
def network():
    with peer_dns.own_network():
        yield


@pytest.fixture(scope="module")
def lab(network, tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.stop()


@pytest.fixture
def sink(lab):
    """The mail servers of the lab, by name."""
    made = []

    def one(name, **arguments):
        made.append(TlsSink(*lab.sinks[name], **arguments))
        return made[-1]
    yield one
    for m in made:
        m.stop()


@pytest.fixture(scope="module")
def web(lab):
    web = PolicyServer(WEB, lab.web_certificate)
    for name in ("sts-good", "sts-cert", "sts-plain", "sts-web", "sts-changes", "reports"):
        web.policies[f"mta-sts.{name}.test"] = policy("enforce", name)
    web.policies["mta-sts.sts-host.test"] = policy("enforce", "sts-host", "mx.elsewhere.test")
    web.policies["mta-sts.sts-testing.test"] = policy("testing", "sts-testing")
    web.policies["mta-sts.sts-none.test"] = policy("none", "sts-none")
    web.policies["mta-sts.sts-html.test"] = "<html>\n"
    web.policies["mta-sts.sts-moved.test"] = 301
    yield web
    web.stop()


# ---- the lab itself: else the rest would prove nothing

def test_zones_are_loaded_and_validated(lab):
    for zone in lab.zones:
        assert "rcode: NOERROR" in peer_dns.drill(zone, "SOA"), zone
    for name in ("dane-ee", "dane-bad", "dane-null", "dane-fallback", "dane-bogus"):
        assert lab.unbound.verdict(f"{name}.test", "MX") == "secure", name
    assert lab.unbound.verdict("_25._tcp.mx.dane-ee.test", "TLSA") == "secure"
    assert lab.unbound.verdict("_25._tcp.mx.dane-bad.test", "TLSA") == "secure"
    assert lab.unbound.verdict("_25._tcp.mx.dane-bogus.test", "TLSA") == "bogus"
    assert lab.unbound.verdict("mx.dane-bogus.test", "A") == "secure"
    assert lab.unbound.verdict("_25._tcp.mx.dane-unsigned.test", "TLSA") == "insecure"
    assert "TLSA" in lab.unbound.asked("_25._tcp.mx.dane-unsigned.test", "TLSA")


# ---- our own server in it

def options(lab):
    return (OPTIONS + LATER + f"route * mx\ndns-anchor {lab.anchors}\ntls-authorities {lab.ours.certificate}\n"
            f"tls-reports postmaster@mx.{DOMAIN}\ntls-certificate {lab.good} {lab.good}\n")


@pytest.fixture(scope="module")
def sender(lab, tmp_path_factory):
    s = Sender(tmp_path_factory.mktemp("sender"), options(lab)).start()
    yield s
    s.audit()
    end(s)


UNPROVEN = ("dane-unsigned", "dane-useless")


def arrives(sender, sink, domain, tls=True):
    """How it came there."""
    proof = " (DANE)" if domain.startswith("dane") and domain not in UNPROVEN else \
        " (MTA-STS)" if domain in ("sts-good", "sts-changes") else ""
    sender.relays(f"x@{domain}.test", sink, f" by TLS 1.3{proof}, which took it:")
    mail, = sink.mails
    assert mail["tls"] == tls
    return mail


def waits(sender, domain, *words, status="4.7.5"):
    return sender.delays(f"x@{domain}.test", status, "could-not-reach", *words)


# ---- DANE

@pytest.mark.parametrize("domain", ["dane-ee", "dane-ta", "dane-ta-domain"])
def test_a_certificate_that_the_dns_names_is_right(sender, sink, domain):
    assert arrives(sender, sink(domain), domain)["name"] == f"mx.{domain}.test"


@pytest.mark.parametrize("domain, status, words", [
    ("dane-bad", "4.7.5", "an encrypted connection, which the DNS of dane-bad.test (DANE) demands, did not come "
                          "about: its certificate is not trusted: no matching DANE TLSA records"),
    ("dane-ta-name", "4.7.5", "did not come about: its certificate is not trusted: hostname mismatch"),
    ("dane-plain", "4.7.4", "the server offers no TLS, which the DNS of dane-plain.test (DANE) demands; nothing was "
                            "sent"),
    ("dane-useless-plain", "4.7.4", "the server offers no TLS, which the DNS of dane-useless-plain.test (DANE)"),
    ("dane-bogus", "4.7.5", "the DNS does not say which certificate mx.dane-bogus.test must have (DANE), so that "
                            "nothing may be sent there: DNSSEC says that the answer is not to be trusted"),
])
def test_what_the_dns_does_not_vouch_for_gets_nothing(sender, sink, domain, status, words):
    there = sink(domain)
    waits(sender, domain, words, status=status)
    assert not there.mails


def test_records_that_say_nothing_demand_encryption_only(sender, sink):
    arrives(sender, sink("dane-useless"), "dane-useless")


def test_a_zone_without_signatures_demands_nothing(sender, sink):
    """Its record names another certificate."""
    arrives(sender, sink("dane-unsigned"), "dane-unsigned")


def test_the_next_host_is_tried_when_the_first_is_the_wrong_one(sender, sink):
    wrong, right = sink("dane-fallback"), sink("dane-fallback-2")
    arrives(sender, right, "dane-fallback")
    assert not wrong.mails


def test_an_alias_is_asked_for_where_it_leads(sender, sink):
    assert arrives(sender, sink("dane-alias"), "dane-alias")["name"] == "real.dane-alias.test"


def test_a_domain_that_takes_no_mail(sender):
    sender.fails("x@dane-null.test", "5.1.10", "domain-not-found", "the domain dane-null.test takes no mail")


# ---- MTA-STS

def test_a_policy_is_met(sender, sink, web):
    assert arrives(sender, sink("sts-good"), "sts-good")["name"] == "mx.sts-good.test"
    assert web.asked.count("mta-sts.sts-good.test/.well-known/mta-sts.txt") == 1


@pytest.mark.parametrize("domain, status, words", [
    ("sts-cert", "4.7.5", "an encrypted connection, which the policy of sts-cert.test (MTA-STS) demands, did not come "
                          "about: its certificate is not trusted"),
    ("sts-plain", "4.7.4", "the server offers no TLS, which the policy of sts-plain.test (MTA-STS) demands"),
    ("sts-host", "4.7.5", "mx.sts-host.test is none of the mail servers that sts-host.test allows (MTA-STS)"),
])
def test_a_policy_that_is_not_met(sender, sink, web, domain, status, words):
    there = sink(domain)
    waits(sender, domain, words, status=status)
    assert not there.mails


@pytest.mark.parametrize("domain", ["sts-testing", "sts-broken", "sts-html", "sts-moved", "sts-web", "sts-none"])
def test_what_is_no_demand_hinders_nothing(sender, sink, web, domain):
    """A policy that is only tried out, or none: no file, no policy in it, a redirect, a certificate for others."""
    arrives(sender, sink(domain), domain)


def test_a_demand_that_was_heard_outlives_the_web_server_and_ours(lab, sink, web, tmp_path):
    s = Sender(tmp_path, options(lab)).start()
    there = sink("sts-changes")
    arrives(s, there, "sts-changes")
    there.stop()
    s.stop()
    kept = web.policies.pop("mta-sts.sts-changes.test")
    address, _ = lab.sinks["sts-changes"]
    impostor = TlsSink(address, lab.other.whole("mx.sts-changes.test"))
    try:
        s.start()
        s.delays("y@sts-changes.test", "4.7.5", "could-not-reach", "which the policy of sts-changes.test (MTA-STS)")
        assert not impostor.mails
    finally:
        impostor.stop()
        web.policies["mta-sts.sts-changes.test"] = kept
        end(s)


# ---- what the sender demands (REQUIRETLS), or does not (TLS-Required: No)

def send_requiring_tls(sender, to, sender_address=f"alice@{DOMAIN}", more=()):
    with sender.client() as c:
        assert c.ehlo()[0] == 250 and not c.has_extn("requiretls"), "in plain text it is no use"
        assert c.starttls()[0] == 220
        assert c.ehlo()[0] == 250 and c.has_extn("requiretls")
        assert c.mail(sender_address, ["REQUIRETLS", *more])[0] == 250
        assert c.rcpt(to)[0] == 250
        code, words = c.data(b"From: <alice@example.org>\r\nSubject: secret\r\n\r\nthe very words\r\n")
        assert code == 250, words
        return words.decode().split()[-1]


@pytest.mark.parametrize("domain, proof", [("dane-ee", " (DANE)"), ("dane-useless", ""), ("sts-good", " (MTA-STS)")])
def test_a_message_that_requires_tls_goes_where_it_is_promised(lab, sender, sink, web, domain, proof):
    if domain == "dane-useless":
        lab.sinks["dane-useless-named"] = lab.sinks["dane-useless"][0], lab.ours.whole("mx.dane-useless.test")
    there = sink("dane-useless-named" if domain == "dane-useless" else domain, promises=True)
    queue_id = send_requiring_tls(sender, f"r@{domain}.test")
    trace = sender.wait_for_word(queue_id, "relayed to")
    assert f" by TLS 1.3{proof}" in trace and "to be encrypted on its whole way (REQUIRETLS)" in " ".join(trace.split())
    assert there.required == [True] and there.mails[0]["tls"]
    assert sender.stories(queue_id)[0]["requires_tls"]
    # What does not require it goes by another connection, and does not say so.
    sender.send(f"r@{domain}.test")
    wait_for("the other message", lambda: len(there.required) == 2)
    assert there.required == [True, False]


@pytest.mark.parametrize("domain, status, words", [
    ("dane-ta", "5.7.30", "the server does not promise to keep the message encrypted on the rest of its way "
                          "(REQUIRETLS), which its sender demands; nothing was sent"),
    ("dane-bad", "5.7.10", "an encrypted connection, which the sender of this message demands, did not come about: "
                           "its certificate is not trusted"),
    ("dane-plain", "5.7.10", "the server offers no TLS, which the sender of this message demands; nothing was sent"),
    ("dane-unsigned", "5.7.10", "nothing proves that mail for dane-unsigned.test belongs to mx.dane-unsigned.test "
                                "(neither DNSSEC nor MTA-STS), which the sender of this message demands (REQUIRETLS)"),
    ("sts-testing", "5.7.10", "did not come about: its certificate is not trusted"),
])
def test_else_it_comes_back_at_once_without_its_words(sender, sink, web, domain, status, words):
    there = sink(domain)
    address = f"q@{domain}.test"
    queue_id = send_requiring_tls(sender, address, more=["RET=FULL"])
    trace = " ".join(sender.wait_for_word(queue_id, "reported to").split())
    text, recipient = sender.notice(address)
    event = [e for s in sender.stories(queue_id) for e in s["events"]][-1]
    assert (event["attempt"], event["cause"], event["variant"]) == (1, "could-not-reach", "not-protected"), event
    assert (recipient["Status"], recipient["Action"]) == (status, "failed")
    assert words in trace and words in text, trace + text
    assert not there.mails
    notice = next(m for m in sender.messages("alice") if address in m.as_string())
    assert "Subject: secret" in notice.as_string() and "the very words" not in notice.as_string()


def test_a_notice_about_it_is_as_secret(sender, sink):
    """It says REQUIRETLS where it can, and goes on where it can't."""
    back, other = sink("dane-ee", promises=True), sink("dane-ta")
    send_requiring_tls(sender, "x@dane-unsigned.test", sender_address="me@dane-ee.test", more=["RET=FULL"])
    send_requiring_tls(sender, "y@dane-unsigned.test", sender_address="me@dane-ta.test", more=["RET=FULL"])
    for there in (back, other):
        wait_for("the notice", lambda: there.mails)
        assert b"the very words" not in there.mails[0]["content"]
    assert back.required == [True]


@pytest.mark.parametrize("domain", ["dane-bad", "dane-plain", "sts-cert", "sts-host"])
def test_a_message_that_needs_no_tls_goes_in_any_case(sender, sink, web, domain):
    there = sink(domain)
    sender.relays(f"n@{domain}.test", there, "also without encryption (TLS-Required: No)",
                          headers="TLS-Required: No\r\n")
    assert there.mails[0]["tls"] == (domain != "dane-plain")


def test_what_requires_tls_is_not_excused_by_its_header(sender, sink):
    """RFC 8689 4.1."""
    there = sink("dane-bad")
    with sender.client() as c:
        c.starttls()
        c.sendmail(f"alice@{DOMAIN}", ["w@dane-bad.test"], "TLS-Required: No\r\nSubject: x\r\n\r\nx\r\n",
                   mail_options=["REQUIRETLS"])
    assert sender.notice("w@dane-bad.test")[1]["Status"] == "5.7.10"
    assert not there.mails


# ---- Postfix does the same

@pytest.fixture(scope="module")
def postfix(lab, tmp_path_factory):
    p = DanePostfix(tmp_path_factory.mktemp("postfix"), PEERS / "postfix.sh")
    yield p
    p.stop()


@pytest.mark.parametrize("domain, outcome", [
    ("dane-ee", "sent"), ("dane-ta", "sent"), ("dane-ta-domain", "sent"), ("dane-ta-name", "deferred"),
    ("dane-bad", "deferred"), ("dane-plain", "deferred"), ("dane-bogus", "deferred"), ("dane-useless", "sent"),
    ("dane-useless-plain", "deferred"), ("dane-unsigned", "sent"), ("dane-null", "bounced")])
def test_postfix_decides_the_same_of_dane(lab, sink, postfix, domain, outcome):
    there = sink(domain) if domain in lab.sinks else None
    address = f"p@{domain}.test"
    with smtplib.SMTP("127.0.0.1", postfix.port, local_hostname="client.test", timeout=20) as c:
        c.sendmail(f"alice@{DOMAIN}", [address], "Subject: x\r\n\r\nx\r\n")
    assert postfix.outcome(address) == outcome
    assert bool(there and there.to(address)) == (outcome == "sent")
    assert not there or all(m["tls"] for m in there.mails)


# ---- reports

def sessions(server):
    """What was counted: {(domain, kind of policy, result): count}."""
    with sqlite3.connect(server.state / "sessions.sqlite") as db:
        rows = db.execute('SELECT domain, "group", text, count FROM seen').fetchall()
    counts = collections.Counter()
    for domain, policy, text, count in rows:
        counts[domain, policy.split("\n")[0], text.split("\n")[0]] += count
    return counts


SUCCESS, NOT_OFFERED, NOT_TRUSTED, OTHER = (
    "success", "starttls-not-supported", "certificate-not-trusted", "validation-failure")
DNSSEC, FETCH, INVALID, WEB_CERTIFICATE = (
    "dnssec-invalid", "sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid")


def test_sessions_are_counted_as_they_went(lab, sink, web, tmp_path):
    s = Sender(tmp_path, options(lab)).start()
    want = {("dane-ee.test", "tlsa", SUCCESS), ("dane-bad.test", "tlsa", NOT_TRUSTED),
            ("dane-plain.test", "tlsa", NOT_OFFERED), ("dane-bogus.test", "tlsa", DNSSEC),
            ("dane-unsigned.test", "no-policy-found", SUCCESS), ("sts-good.test", "sts", SUCCESS),
            ("sts-cert.test", "sts", NOT_TRUSTED), ("sts-host.test", "sts", OTHER),
            ("sts-testing.test", "sts", NOT_TRUSTED), ("sts-html.test", "sts", INVALID),
            ("sts-html.test", "no-policy-found", SUCCESS), ("sts-web.test", "sts", WEB_CERTIFICATE),
            ("sts-web.test", "no-policy-found", SUCCESS), ("sts-moved.test", "sts", FETCH),
            ("sts-moved.test", "no-policy-found", SUCCESS)}
    for domain in {d.removesuffix(".test") for d, _, _ in want}:
        sink(domain)
        queue_id = s.send(f"z@{domain}.test")
        wait_for(f"an outcome for {domain}", lambda: [e for x in s.stories(queue_id) for e in x["events"]])
    end(s)
    assert sessions(s) == {key: 1 for key in want}


def seed(server, domain, days_ago):
    """As if it had been counted some days ago."""
    with sqlite3.connect(server.state / "sessions.sqlite") as db:
        day = int(time.time()) // 86400 - days_ago
        db.executemany("INSERT INTO seen VALUES (?, ?, 'sts\nversion: STSv1\nmx: mx.x.test', ?, ?)", [
            (day, domain, "success\nmx.x.test\n\n\n", 7),
            (day, domain, "certificate-expired\nmx.x.test\n127.0.0.1\n127.0.0.2\ncertificate has expired", 2)])


def check_document(packed, domain):
    report = json.loads(gzip.decompress(packed))
    policy, = report["policies"]
    assert report["organization-name"] == f"mx.{DOMAIN}" and report["contact-info"] == f"postmaster@mx.{DOMAIN}"
    assert policy["policy"] == {"policy-type": "sts", "policy-string": ["version: STSv1", "mx: mx.x.test"],
                                "policy-domain": domain, "mx-host": ["mx.x.test"]}
    assert policy["summary"] == {"total-successful-session-count": 7, "total-failure-session-count": 2}
    assert policy["failure-details"] == [{
        "result-type": "certificate-expired", "sending-mta-ip": "127.0.0.2", "receiving-mx-hostname": "mx.x.test",
        "receiving-ip": "127.0.0.1", "failed-session-count": 2, "failure-reason-code": "certificate has expired"}]


def test_who_asks_for_reports_gets_them(lab, sink, web, tmp_path):
    """Also where there is no TLS, which its own policy demands."""
    s = Sender(tmp_path, options(lab)).start()
    end(s)
    for domain in ("reports.test", "sts-good.test"):
        seed(s, domain, 3)
    seed(s, "reports.test", 0)  # today is not over
    there = sink("reports")
    s.start()
    s.delays("x@reports.test", "4.7.4", "could-not-reach", "which the policy of reports.test (MTA-STS) demands")
    mail, = wait_for("a report", lambda: there.to("tls@reports.test"))
    end(s)
    message = email.message_from_bytes(mail["content"], policy=email.policy.default)
    assert message["TLS-Report-Domain"] == "reports.test" and message["TLS-Report-Submitter"] == f"mx.{DOMAIN}"
    assert message.get_content_type() == "multipart/report" and message.get_param("report-type") == "tlsrpt"
    text, attached = message.iter_parts()
    assert attached.get_content_type() == "application/tlsrpt+gzip" and attached.get_filename().endswith(".json.gz")
    check_document(attached.get_content(), "reports.test")
    assert subprocess.run([PLAINPOST, "explain", "-"], input=mail["content"], capture_output=True).returncode == 18
    with sqlite3.connect(s.state / "sessions.sqlite") as db:  # who wants none has been forgotten likewise
        assert db.execute("SELECT DISTINCT domain, day FROM seen").fetchall() == [
            ("reports.test", int(time.time()) // 86400)]


def test_policies_are_made_fresh_before_they_are_over(lab, web, tmp_path):
    """Though nobody writes there."""
    s = Sender(tmp_path, options(lab)).start()
    end(s)
    now = int(time.time() * 1000)
    with sqlite3.connect(s.state / "policies.sqlite") as db:
        for name, days in (("sts-good", 2), ("sts-cert", 0)):
            db.execute("INSERT INTO policy VALUES (?, '1', ?, ?, ?)", [
                f"{name}.test", policy("enforce", name, max_age=7 * 86400), now - days * 86400000,
                now + (7 - days) * 86400000])
    web.asked.clear()
    s.start()
    wait_for("a fresh policy", lambda: web.asked)
    end(s)
    assert web.asked == ["mta-sts.sts-good.test/.well-known/mta-sts.txt"]
    with sqlite3.connect(s.state / "policies.sqlite") as db:
        fetched, = db.execute("SELECT fetched_ms FROM policy WHERE domain = 'sts-good.test'").fetchone()
    assert fetched >= now


def test_what_nobody_wants_is_not_counted(lab, sink, tmp_path):
    s = Sender(tmp_path, options(lab).replace("tls-reports", "# ")).start()
    s.relays("x@dane-ee.test", sink("dane-ee"))
    end(s)
    assert sessions(s) == {}


def test_what_is_demanded_can_be_asked_beforehand(sender):
    assert "by TLS, which the DNS of dane-ee.test (DANE) demands" in sender.run("test-address", "x@dane-ee.test")
    shown = json.loads(sender.run("test-address", "--json", "x@dane-useless.test"))
    assert [w["tls"] for w in shown["recipients"][0]["ways"]] == ["dane-encrypted"]
    r = sender.run("test-address", "x@dane-bogus.test", check=False)
    assert r.returncode and "the DNS does not say which certificate mx.dane-bogus.test must have" in r.stdout
