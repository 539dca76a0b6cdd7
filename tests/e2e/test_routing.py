"""How mail finds its way out: a DNS (nsd) and mail servers on port 25, in a network of the test's own. Judged by
what arrives where, and by what the trace and the notification say."""
import datetime
import re
import subprocess
import time

import pytest

import conftest
import peer_dns
from conftest import DOMAIN, Server, wait_for
from peer_dns import Hanging, Nsd, Scripted, Sink, drill
from test_main_job import text_of

pytestmark = pytest.mark.skipif(peer_dns.why_not() is not None, reason=str(peer_dns.why_not()))

# Every case has its own domain, and mail servers with addresses of their own.
ZONE = """
ns A 127.0.0.53

pref      MX 30 c.pref
pref      MX 20 b.pref
pref      MX 10 a.pref
a.pref    A 127.0.1.1
b.pref    A 127.0.1.2
c.pref    A 127.0.1.3

equal     MX 10 a.equal
equal     MX 10 b.equal
a.equal   A 127.0.1.4
b.equal   A 127.0.1.5

refused   MX 10 a.refused
refused   MX 20 b.refused
a.refused A 127.0.1.6
b.refused A 127.0.1.7

busy      MX 10 a.busy
busy      MX 20 b.busy
a.busy    A 127.0.1.8
b.busy    A 127.0.1.7

never     MX 10 a.never
never     MX 20 b.never
a.never   A 127.0.1.9
b.never   A 127.0.1.7

hangs     MX 10 a.hangs
hangs     MX 20 b.hangs
a.hangs   A 127.0.1.10
b.hangs   A 127.0.1.7

drops     MX 10 a.drops
drops     MX 20 b.drops
a.drops   A 127.0.1.24
b.drops   A 127.0.1.7

alldown   MX 10 a.alldown
alldown   MX 20 b.alldown
a.alldown A 127.0.1.25
b.alldown A 127.0.1.26

alias     MX 10 cname.alias
cname.alias CNAME host.alias
host.alias  A 127.0.1.11

cnamed    CNAME alias

onlya     A 127.0.1.12
only6     AAAA fd25::1
mx6       MX 10 a.mx6
a.mx6     AAAA fd25::1

race      MX 10 a.race
a.race    A 127.0.1.13
a.race    AAAA fd25::2

null      MX 0 .
nothing   TXT "there is neither an MX record nor an address"
nowhere   MX 10 a.nowhere
nowhere   MX 20 b.nowhere

selfname  MX 10 mx.home
selfaddr  MX 10 a.selfaddr
a.selfaddr A 127.0.0.99
selfhost  A 127.0.0.99
mx.home   A 127.0.0.99

selfgreets MX 10 a.selfgreets
a.selfgreets A 127.0.1.99

second    MX 10 a.second
second    MX 20 mx.home
second    MX 30 c.second
a.second  A 127.0.1.14
c.second  A 127.0.1.7

lonely    MX 10 a.lonely
lonely    MX 20 mx.home
a.lonely  A 127.0.1.15

xn--bcher-kva   MX 10 a.xn--bcher-kva
a.xn--bcher-kva A 127.0.1.16

later     MX 10 a.later
a.later   A 127.0.1.17

hosts     MX 10 a.hosts
a.hosts   A 127.0.1.18

sources   MX 10 a.sources
a.sources A 127.0.1.19
"""


@pytest.fixture(scope="module")
def network():
    with peer_dns.own_network(["fd25::1", "fd25::2"]):
        # Some machines let every address be bound: ours are not told by that.
        for family in ("ipv4", "ipv6"):
            with open(f"/proc/sys/net/{family}/ip_nonlocal_bind", "w") as f:
                f.write("1")
        yield


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def nsd(network, keys, tmp_path_factory):
    zones = {"test.": ZONE, "lame.test.": None, **{z: signed(keys, z, how) for z, how in SIGNED.items()}}
    nsd = Nsd(tmp_path_factory.mktemp("nsd"), zones)
    yield nsd
    nsd.stop()


# ---- a server, and mail servers for it to find

OPTIONS = "dns 127.0.0.53:53\nlisten 127.0.0.99:25\nconnect-timeout 1s\nidle-connection 100ms\nloops 1\n"
SOON, LATER = "retry-first 1s\nretry-max 2s\n", "retry-first 20s\nretry-max 20s\n"


class Sender(Server):
    def notice(self, address):
        """The notification that tells of this recipient: its text, and its status fields."""
        def found():
            for message in self.messages("alice"):
                parts = list(message.iter_parts())
                for recipient in parts[1].get_payload()[1:] if len(parts) > 1 else []:
                    if recipient["Final-Recipient"].split(";")[1].strip() == address:
                        return " ".join(text_of(message).split()), recipient
            return None
        return wait_for(f"a notification about {address}", found)

    def relays(self, address, sink, *words, **arguments):
        """A message to the address arrives there, and its trace has these words."""
        queue_id = self.send(address, **arguments)
        wait_for(f"mail for {address} at {sink.hostname}", lambda: sink.to(address))
        trace = self.wait_for_word(queue_id, "relayed to")
        for word in words:
            assert word in " ".join(trace.split()), trace
        return trace

    def fails(self, address, status, cause, *words, **arguments):
        """A message to the address is refused at once, and its sender told, with this status and in these words."""
        queue_id = self.send(address, **arguments)
        trace = " ".join(self.wait_for_word(queue_id, "reported to").split())
        text, recipient = self.notice(address)
        assert recipient["Status"] == status and recipient["Action"] == "failed"
        event = [e for s in self.stories(queue_id) for e in s["events"]][-1]
        assert (event["attempt"], event["cause"], event.get("remote")) == (1, cause, False)
        for word in words:
            assert word in trace and word in text, trace + text
        return text

    def delays(self, address, status, cause, *words, **arguments):
        queue_id = self.send(address, **arguments)
        trace = " ".join(self.wait_for_word(queue_id, "delayed").split())
        event = [e for s in self.stories(queue_id) for e in s["events"]][0]
        assert (event["event"], event["status"], event["cause"]) == ("delayed", status, cause)
        for word in words:
            assert word in trace, trace
        return queue_id


def end(server):
    status = server.stop()
    text = server.log.read_text(errors="replace")
    assert "Sanitizer" not in text and "runtime error" not in text, text[-4000:]
    assert status == 0, text[-4000:]


@pytest.fixture(scope="module")
def sender(nsd, tmp_path_factory):
    """One for all tests of what the DNS says."""
    s = Sender(tmp_path_factory.mktemp("sender"), OPTIONS + SOON + "route * mx\n").start()
    yield s
    s.audit()
    end(s)


@pytest.fixture
def make_sender(nsd, tmp_path):
    made = []

    def make(options, retry=SOON):
        made.append(Sender(tmp_path, OPTIONS + retry + options).start())
        return made[-1]
    yield make
    for s in made:
        s.audit()
        end(s)


@pytest.fixture
def make(network):
    """Mail servers, and things that are none: make(Sink, "127.0.1.1")."""
    made = []

    def one(kind, *arguments):
        made.append(kind(*arguments))
        return made[-1]
    yield one
    for m in made:
        m.stop()


# ---- MX

def test_the_dns_serves_what_the_tests_rely_on(nsd):
    assert "rcode: NOERROR" in drill("pref.test", "MX") and "a.pref.test." in drill("pref.test", "MX")
    assert "rcode: NXDOMAIN" in drill("missing.test", "MX")
    assert "rcode: SERVFAIL" in drill("lame.test", "MX")
    assert "rcode: NOERROR" in drill("nothing.test", "MX") and "ANSWER: 0" in drill("nothing.test", "MX")


def test_the_best_host_gets_the_mail(sender, make):
    a, b, c = (make(Sink, f"127.0.1.{n}") for n in (1, 2, 3))
    for n in range(5):
        sender.relays(f"x{n}@pref.test", a, "relayed to a.pref.test (127.0.1.1:25), which took it: 250 2.0.0 kept")
    assert len(a.mails) == 5 and not b.mails and not c.mails


def test_equal_hosts_share_the_mail(make_sender, make):
    a, b = make(Sink, "127.0.1.4"), make(Sink, "127.0.1.5")
    s = make_sender("route * mx\nmax-recipients-per-delivery 1\ndestination-concurrency 40\n")
    s.send([f"x{n}@equal.test" for n in range(60)])
    wait_for("60 messages", lambda: len(a.mails) + len(b.mails) == 60)
    assert a.mails and b.mails


@pytest.mark.parametrize("domain, address, how", [
    ("refused.test", None, None),
    ("busy.test", "127.0.1.8", ["421 4.3.2 busy", None]),
    ("never.test", "127.0.1.9", ["554 5.7.1 we take no mail", None]),
    ("drops.test", "127.0.1.24", [None]),
], ids=["refuses", "greets with 421", "greets with 554", "closes"])
def test_behind_a_host_that_does_not_work_comes_the_next(sender, make, domain, address, how):
    b, a = make(Sink, "127.0.1.7"), how and make(Scripted, address, how)
    sender.relays(f"x@{domain}", b, f"relayed to b.{domain} (127.0.1.7:25)")
    assert not how or a.connections == 1


def test_a_host_that_hangs_costs_the_time_of_one_attempt(sender, make):
    make(Hanging, "127.0.1.10")
    b = make(Sink, "127.0.1.7")
    began = time.monotonic()
    sender.relays("x@hangs.test", b)
    assert 1 <= b.to("x@hangs.test")[0]["at"] - began < 2.5
    # For a while it is tried last.
    began = time.monotonic()
    sender.relays("y@hangs.test", b)
    assert b.to("y@hangs.test")[0]["at"] - began < 0.9


def test_when_no_host_works_the_mail_waits(sender, make):
    queue_id = sender.delays("x@alldown.test", "4.4.1", "could-not-reach",
                             "The receiving server is not running", "could not connect: Connection refused")
    event, = [e for s in sender.stories(queue_id) for e in s["events"]][:1]
    assert (event["host"], event["address"]) == ("b.alldown.test", "127.0.1.26:25")
    make(Sink, "127.0.1.26")
    sender.wait_for_word(queue_id, "relayed to b.alldown.test")


@pytest.mark.parametrize("domain", ["alias.test", "cnamed.test"])
def test_aliases_in_the_dns_are_followed(sender, make, domain):
    sender.relays(f"x@{domain}", make(Sink, "127.0.1.11"), "relayed to cname.alias.test (127.0.1.11:25)")


# ---- addresses

@pytest.mark.parametrize("domain, address, host", [
    ("onlya.test", "127.0.1.12", "onlya.test (127.0.1.12:25)"),
    ("only6.test", "fd25::1", "only6.test ([fd25::1]:25)"),
    ("mx6.test", "fd25::1", "a.mx6.test ([fd25::1]:25)"),
])
def test_without_mx_the_domain_is_the_host(sender, make, domain, address, host):
    sender.relays(f"x@{domain}", make(Sink, address), f"relayed to {host}")


def test_ipv4_wins_when_ipv6_hangs(sender, make):
    make(Hanging, "fd25::2")
    v4 = make(Sink, "127.0.1.13")
    began = time.monotonic()
    sender.relays("x@race.test", v4, "relayed to a.race.test (127.0.1.13:25)")
    assert 0.25 <= v4.mails[0]["at"] - began < 0.8


def test_ipv6_wins_when_both_work(sender, make):
    v6, v4 = make(Sink, "fd25::2"), make(Sink, "127.0.1.13")
    sender.relays("y@race.test", v6, "relayed to a.race.test ([fd25::2]:25)")
    assert not v4.mails


def test_an_address_in_place_of_a_domain(sender, make):
    sender.relays("x@[127.0.1.12]", make(Sink, "127.0.1.12"), "relayed to [127.0.1.12] (127.0.1.12:25)")
    sender.relays("x@[IPv6:fd25::1]", make(Sink, "fd25::1"))


def test_a_server_that_greets_with_our_name_is_ourselves(sender, make):
    """Behind another address, which the DNS does not tell."""
    own = make(Scripted, "127.0.1.99", [f"220 MX.{DOMAIN} ESMTP", "250 hello"])
    sender.fails("x@selfgreets.test", "5.4.6", "loop", "answers with the name of this one",
                 "The address leads back to your own mail server")
    assert not own.lines


def send_utf8(sender, address):
    with sender.client() as c:
        c.command_encoding = "utf-8"
        c.ehlo()
        assert c.mail(f"alice@{DOMAIN}", ["SMTPUTF8"])[0] == 250
        assert c.rcpt(address)[0] == 250
        code, words = c.data(b"Subject: x\r\n\r\nx\r\n")
        assert code == 250
        return words.decode().split()[-1]


def test_a_domain_beyond_ascii_is_asked_for_in_its_other_form(sender, make):
    a, address = make(Sink, "127.0.1.16"), "jürgen@bücher.test"
    sender.wait_for_word(send_utf8(sender, address), "relayed to a.xn--bcher-kva.test")
    mail, = a.to(address)
    assert "SMTPUTF8" in mail["options"]


# ---- domains without a way

@pytest.mark.parametrize("address, status, cause, words", [
    ("x@null.test", "5.1.10", "domain-not-found",
     "5.1.10 the domain null.test takes no mail: its operator says so in the DNS (null MX)"),
    ("x@missing.test", "5.1.2", "domain-not-found", "5.1.2 there is no domain missing.test: the DNS does not know it"),
    ("x@nothing.test", "5.4.4", "domain-not-found",
     "5.4.4 the domain nothing.test has no mail server: the DNS has neither an MX record nor an address for it"),
    ("x@nowhere.test", "5.4.4", "domain-not-found",
     "5.4.4 the mail servers of the domain nowhere.test (a.nowhere.test and others) have no address in the DNS"),
    ("x@[300.1.1.1]", "5.1.2", "domain-not-found", "5.1.2 [300.1.1.1] is not the address of a mail server"),
    ("x@selfname.test", "5.4.6", "loop",
     "5.4.6 the DNS names this server itself as the mail server of the domain selfname.test"),
    ("x@selfaddr.test", "5.4.6", "loop", "but it was not told to take mail for this domain"),
    ("x@selfhost.test", "5.4.6", "loop", "The address leads back to your own mail server"),
    ("x@[127.0.0.99]", "5.4.6", "loop", "5.4.6 [127.0.0.99] is this server itself"),
])
def test_a_domain_without_a_way_is_told_at_once(sender, address, status, cause, words):
    sender.fails(address, status, cause, words)


def test_a_domain_that_no_dns_can_know(sender):
    trace = sender.wait_for_word(send_utf8(sender, "x@℀.test"), "reported to")
    assert "5.1.2 there can be no domain ℀.test" in " ".join(trace.split())


def test_of_the_hosts_only_those_better_than_we_are_count(sender, make):
    a, c = make(Sink, "127.0.1.14"), make(Sink, "127.0.1.7")
    sender.relays("x@second.test", a)
    # When it is down, mail waits for it, and goes neither in a circle nor to a worse one.
    queue_id = sender.delays("x@lonely.test", "4.4.1", "could-not-reach", "could not connect: Connection refused")
    sender.relays("y@lonely.test", make(Sink, "127.0.1.15"))
    sender.wait_for_word(queue_id, "relayed to a.lonely.test")
    assert not c.mails


# ---- a DNS that fails

def test_a_domain_whose_dns_is_broken_waits_until_it_is_repaired(sender, nsd, make):
    queue_id = sender.delays("x@lame.test", "4.4.3", "could-not-reach",
                             "The recipient's domain could not be looked up",
                             "4.4.3 the DNS does not say which servers take mail for the domain lame.test: "
                             "its name servers failed or did not answer (SERVFAIL)")
    a = make(Sink, "127.0.1.20")
    nsd.write("lame.test.", "@ MX 10 a\na A 127.0.1.20\n")
    nsd.restart()
    sender.wait_for_word(queue_id, "relayed to a.lame.test", 40)
    assert a.to("x@lame.test")


def test_mail_waits_while_no_dns_answers(sender, nsd, make):
    a = make(Sink, "127.0.1.17")
    nsd.stop()
    queue_id = sender.delays("x@later.test", "4.4.3", "could-not-reach",
                             "4.4.3 the DNS does not say which servers take mail for the domain later.test")
    nsd.start()
    sender.wait_for_word(queue_id, "relayed to a.later.test", 40)
    assert a.to("x@later.test")


def test_a_line_in_etc_hosts_hides_no_mail_server(nsd, make, tmp_path, monkeypatch):
    hosts, wrapper = tmp_path / "hosts", tmp_path / "plainpost"
    hosts.write_text("127.0.1.21 hosts.test route.example\n")
    wrapper.write_text("#!/bin/sh\nexec unshare --mount sh -c 'mount --bind \"$0\" /etc/hosts && exec \"$@\"' "
                       f"{hosts} {conftest.PLAINPOST} \"$@\"\n")
    wrapper.chmod(0o755)
    monkeypatch.setattr(conftest, "PLAINPOST", str(wrapper))
    s = Sender(tmp_path, OPTIONS + SOON + "route * mx\nroute route.test route.example:25\n").start()
    s.relays("x@hosts.test", make(Sink, "127.0.1.18"), "relayed to a.hosts.test")
    s.relays("x@route.test", make(Sink, "127.0.1.21"), "relayed to route.example (127.0.1.21:25)")
    end(s)


# ---- DNSSEC

SIGNED = {"secure.test.": "well", "expired.test.": "expired", "forged.test.": "forged"}


def signed(keys, zone, how):
    """The zone's text, signed by ldns; its key is added to the trust anchors."""
    number = 30 + list(SIGNED).index(zone)
    file = keys / f"{zone}plain"
    file.write_text(f"$ORIGIN {zone}\n{Nsd.head}@ MX 10 a\na A 127.0.1.{number}\nother A 127.0.1.39\n")

    def run(*words):
        return subprocess.run(words, cwd=keys, check=True, capture_output=True, text=True, timeout=60).stdout.strip()
    key = run("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", zone)
    days = [datetime.date.today() + datetime.timedelta(d) for d in ((-60, -30) if how == "expired" else (-1, 30))]
    run("ldns-signzone", "-i", days[0].strftime("%Y%m%d"), "-e", days[1].strftime("%Y%m%d"), "-f", f"{zone}signed",
        file.name, key)
    with open(keys / "anchors", "a") as f:
        f.write((keys / f"{key}.key").read_text())
    text = (keys / f"{zone}signed").read_text()
    return text.replace(f"\tMX\t10 a.{zone}", f"\tMX\t10 other.{zone}") if how == "forged" else text


def test_signed_zones_are_served(nsd, keys):
    for zone in SIGNED:
        answer = drill(zone, "MX", "-D")
        assert "rcode: NOERROR" in answer and "RRSIG" in answer, answer
    assert "other.forged.test." in drill("forged.test", "MX", "-D")
    assert (keys / "anchors").read_text().count("DNSKEY") == len(SIGNED)


def test_answers_are_validated_where_there_is_an_anchor(make_sender, make, keys):
    secure, expired, forged = make(Sink, "127.0.1.30"), make(Sink, "127.0.1.31"), make(Sink, "127.0.1.39")
    plain = make(Sink, "127.0.1.1")
    s = make_sender(f"route * mx\ndns-anchor {keys}/anchors\n", LATER)
    s.relays("x@secure.test", secure)
    s.relays("x@pref.test", plain)  # without signature, and without an anchor above it
    for domain in ("expired.test", "forged.test"):
        s.delays(f"x@{domain}", "4.4.3", "could-not-reach", "The recipient's domain could not be looked up",
                 f"the DNS does not say which servers take mail for the domain {domain}: "
                 "DNSSEC says that the answer is not to be trusted: validation failure")
    assert not expired.mails and not forged.mails


def test_without_an_anchor_the_same_zones_are_believed(make_sender, make):
    """They fail above for their signatures, and for nothing else."""
    s = make_sender("route * mx\n")
    s.relays("x@expired.test", make(Sink, "127.0.1.31"))
    s.relays("x@forged.test", make(Sink, "127.0.1.39"))


# ---- routes

def test_routes_by_recipient_and_sender(make_sender, make):
    sinks = [make(Sink, f"127.0.1.{40 + n}") for n in range(6)]
    s = make_sender("route * 127.0.1.40:25\n"
                    "route by.test 127.0.1.41:25\n"
                    "route vip@by.test 127.0.1.42:25\n"
                    "route *.by.test 127.0.1.43:25\n"
                    f"route from:bob@{DOMAIN} 127.0.1.44:25\n"
                    f"route from:else.test a.pref.test:25\n")
    a = make(Sink, "127.0.1.1")
    s.relays("x@any.test", sinks[0], "relayed to 127.0.1.40:25")
    s.relays("x@by.test", sinks[1])
    s.relays("VIP@by.test", sinks[2])
    s.relays("x@sub.by.test", sinks[3])
    s.relays("y@any.test", sinks[4], sender=f"bob@{DOMAIN}")
    s.relays("y@by.test", sinks[1], sender=f"bob@{DOMAIN}")
    s.relays("z@any.test", a, "relayed to a.pref.test (127.0.1.1:25)", sender="x@else.test")


def test_mail_can_be_discarded_and_refused_by_route(make_sender, make):
    s = make_sender("route gone.test discard \"nobody reads it any more\"\n"
                    "route closed.test refuse \"5.1.6 closed.test has moved to open.test\"\n"
                    "route rule.test refuse \"we send nothing to our competitors\"\n")
    queue_id = s.send("x@gone.test")
    trace = s.wait_for_word(queue_id, "discarded: nobody reads it any more")
    assert "What became of it: 1 discarded." in trace
    with s.client() as c:
        c.ehlo()
        c.mail(f"alice@{DOMAIN}")
        assert c.rcpt("x@closed.test") == (550, b"5.1.6 <x@closed.test>: closed.test has moved to open.test")
        assert c.rcpt("x@rule.test") == (550, b"5.7.1 <x@rule.test>: we send nothing to our competitors")
    assert re.search(r"discarded +1$", s.audit(), re.M) and not s.messages("alice")


def test_mail_that_waits_obeys_a_new_route(make_sender):
    s = make_sender("route closed.test 127.0.1.60:25\nroute rule.test 127.0.1.60:25\nroute gone.test 127.0.1.60:25\n",
                    "retry-first 5s\nretry-max 5s\n")
    ids = [s.delays(f"x@{d}.test", "4.4.1", "could-not-reach") for d in ("closed", "rule", "gone")]
    s.stop()
    config = s.config.read_text()
    for old, new in (("closed.test", "refuse \"5.1.6 closed.test has moved to open.test\""),
                     ("rule.test", "refuse \"we send nothing to our competitors\""),
                     ("gone.test", "discard \"nobody reads it any more\"")):
        config = config.replace(f"route {old} 127.0.1.60:25", f"route {old} {new}")
    s.config.write_text(config)
    s.start()
    text, recipient = s.notice("x@closed.test")
    assert recipient["Status"] == "5.1.6" and "Address not found" in text
    assert "5.1.6 closed.test has moved to open.test" in text
    text, recipient = s.notice("x@rule.test")
    assert recipient["Status"] == "5.7.1" and "Your own mail server does not send this" in text
    assert "5.7.1 we send nothing to our competitors" in text
    s.wait_for_word(ids[2], "discarded: nobody reads it any more")


def test_a_route_to_ourselves_is_noticed(make_sender):
    s = make_sender("route a.test 127.0.0.99:25\nroute b.test mx.home.test:25\nroute c.test no.missing.test:25\n"
                    "route d.test a.lame.missing.test:25\n")
    for domain, words in (("a.test", "4.3.5 a route of this server leads to 127.0.0.99, which is this server itself"),
                          ("b.test", "leads to mx.home.test, which is this server itself; its operator must correct"),
                          ("c.test", "leads to no.missing.test, which has no address in the DNS")):
        s.delays(f"x@{domain}", "4.3.5", "server-problem", "Your own mail server is not set up rightly", words)


def test_connections_come_from_the_routes_sources(make_sender, make):
    a = make(Sink, "127.0.1.19")
    s = make_sender("route * mx source 127.0.2.1,127.0.2.2\nmax-recipients-per-delivery 1\n"
                    "destination-concurrency 40\n")
    s.send([f"x{n}@sources.test" for n in range(60)])
    wait_for("60 messages", lambda: len(a.mails) == 60)
    assert {m["peer"] for m in a.mails} == {"127.0.2.1", "127.0.2.2"}
