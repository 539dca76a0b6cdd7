"""Who is behind a message, found out in the session: signatures by dkimpy, a client by swaks (Postfix's is in
test_peers.py), answers by a DNS of the test's own, and the field read by python3-authres."""
import concurrent.futures
import fcntl
import re
import smtplib
import socket
import struct
import subprocess
import termios
import time
import urllib.request

import authres
import dkim
import pytest
from conftest import DOMAIN, Server, free_port, wait_for
from fake_dns import FAIL, SILENCE, FakeDns, txt
from hop import Hop
from test_dkim import keys  # noqa: F401, a fixture

OURS, OTHER, LIST = "127.0.0.7", "127.0.0.8", "127.0.0.9"  # the server of example.org, anybody's, that of a list
ID = f"mx.{DOMAIN}"


@pytest.fixture(scope="module")
def dns(keys):  # noqa: F811
    ours = txt(f"v=spf1 ip4:{OURS} -all")
    zone = {
        "example.org": {"TXT": [ours]},
        "_dmarc.example.org": {"TXT": [txt("v=DMARC1; p=reject")]},
        "s1._domainkey.example.org": {"TXT": [txt(keys["rsa"].record)]},
        "s2._domainkey.example.org": {"TXT": [txt(keys["ed25519"].record)]},
        "example.net": {"TXT": [ours]},
        "example.info": {"TXT": [ours]},
        "_dmarc.example.info": {"TXT": [txt("v=DMARC1; p=quarantine")]},
        "lists.test": {"TXT": [txt(f"v=spf1 ip4:{LIST} -all")]},
        "s1._domainkey.lists.test": {"TXT": [txt(keys["rsa"].record)]},
        "down.test": FAIL,
        "_dmarc.down.test": {"TXT": [txt("v=DMARC1; p=reject")]},
        "silent.test": SILENCE,
        "_dmarc.silent.test": SILENCE,
    }
    with FakeDns(zone) as server:
        yield server


def options(dns, more=""):
    return (f"trusted 192.0.2.0/24\ndns {dns.server}\nauthenticate {DOMAIN} refuse\nauthenticate note.test note\n"
            f"authenticate off.test off\nauthenticate-trust lists.test\n{more}")


USERS = f"domain {DOMAIN}\nalice@{DOMAIN}\nann@note.test\nann@off.test\n"


@pytest.fixture(scope="module")
def house(dns, tmp_path_factory):
    metrics = free_port()
    s = Server(tmp_path_factory.mktemp("house"), options(dns, f"metrics 127.0.0.1:{metrics}\n"), users=USERS).start()
    s.metrics = metrics
    yield s
    assert s.stop() == 0
    text = s.log.read_text()
    assert "Sanitizer" not in text and "runtime error" not in text, text[-4000:]


def mail(author="example.org", extra="", body="See you."):
    return (f"{extra}From: Alice <alice@{author}>\nTo: <alice@{DOMAIN}>\nSubject: Minutes\n"
            f"Message-ID: <{time.monotonic_ns()}@{author}>\n\n{body}\n").replace("\n", "\r\n").encode()


def sign(message, key, selector="s1", domain="example.org"):
    algorithm = b"rsa-sha256" if key.kind == "rsa" else b"ed25519-sha256"
    return dkim.sign(message, selector.encode(), domain.encode(), key.private.read_bytes(),
                     signature_algorithm=algorithm, include_headers=[b"from", b"to", b"subject"]) + message


def hand_in(server, message, sender="alice@example.org", to=f"alice@{DOMAIN}", ip=OTHER):
    """The last reply."""
    with smtplib.SMTP("127.0.0.1", server.port, "client.test", 30, (ip, 0)) as s:
        s.ehlo()
        assert s.mail(sender)[0] == 250
        for one in [to] if isinstance(to, str) else to:
            code, words = s.rcpt(one)
            if code != 250:
                return code, words.decode()
        code, words = s.data(message)
        return code, words.decode()


def queue_id(reply):
    assert reply[0] == 250, reply
    return reply[1].split()[-1]


def newest(server, user, domain=DOMAIN):
    found = wait_for("the message", lambda: sorted((server.mail / domain / user / "new").glob("*"),
                                                   key=lambda p: p.stat().st_mtime_ns))
    return found[-1].read_bytes()


def results(raw):
    """{method: (result, properties)} of our field, which stands behind our Received."""
    head = raw.replace(b"\r\n", b"\n").split(b"\n\n")[0].decode()
    names = re.findall(r"^([\w-]+):", head, re.M)
    assert names.index("Authentication-Results") == names.index("Received") + 1, head
    field = authres.AuthenticationResultsHeader.parse(
        re.search(r"^Authentication-Results:.*(\n[ \t].*)*", head, re.M).group())
    assert field.authserv_id == ID
    return {r.method: (r.result, {f"{p.type}.{p.name}": p.value for p in r.properties}) for r in field.results}


def test_what_passes_says_why(house, keys):  # noqa: F811
    signed = sign(sign(mail(), keys["rsa"]), keys["ed25519"], "s2")
    story = house.wait_for_word(queue_id(hand_in(house, signed, ip=OURS)), "delivered")
    assert "(SPF pass, DKIM pass example.org, DKIM pass example.org, DMARC pass)" in " ".join(story.split())
    raw = newest(house, "alice")
    found = results(raw)
    assert found["spf"] == ("pass", {"smtp.mailfrom": "alice@example.org"})
    assert found["dkim"][0] == "pass" and found["dmarc"] == ("pass", {"header.from": "example.org",
                                                                      "policy.dmarc": "reject"})
    assert raw.count(b"dkim=pass") == 2
    accepted = [line for line in house.log.read_text().splitlines() if " accepted " in line][-1]
    assert "SPF pass, DKIM pass example.org" in accepted


@pytest.mark.parametrize("author, sender, ip, code, words", [
    ("example.org", "alice@example.org", OTHER, 550, [
        "5.7.26 This mail says that it is from example.org, and nothing proves it.",
        "The SPF record of example.org does not name 127.0.0.8".lower(), "DKIM: the message has no signature.",
        "To the operator of example.org: If 127.0.0.8 sends mail for example.org, add ip4:127.0.0.8"]),
    ("example.org", "x@lists.test", OTHER, 550, ["5.7.26", "Sign the mail by DKIM as example.org"]),
    ("example.net", "alice@example.net", OTHER, 550, ["5.7.23 example.net says that 127.0.0.8 may not send mail"]),
    ("example.info", "alice@example.info", OTHER, 250, []),
    ("example.org", "x@lists.test", LIST, 250, []),
    ("example.com", "alice@example.com", OTHER, 250, []),
    ("down.test", "alice@down.test", OTHER, 451, ["4.7.24", "It could not be checked right now", "down.test"]),
])
def test_what_its_own_domain_does_not_want_is_refused(house, author, sender, ip, code, words):
    got, said = hand_in(house, mail(author), sender, ip=ip)
    flat = " ".join(re.sub(r"\n[245]\.\d\.\d+ ", " ", said).split())
    assert got == code, said
    for word in words:
        assert word.lower() in flat.lower(), flat
    if code != 250:
        line = [x for x in house.log.read_text().splitlines() if "refused" in x][-1]
        assert "SPF " in line and f"code={code}" in line and "authentication=" in line


def test_swaks_reads_the_reasons(house, keys):  # noqa: F811
    """A signature that does not hold, because somebody has written below it."""
    changed = sign(mail(), keys["rsa"]).replace(b"See you.", b"Pay now.")
    r = subprocess.run(["swaks", "--server", f"127.0.0.1:{house.port}", "--local-interface", OTHER, "--from",
                        "alice@example.org", "--to", f"alice@{DOMAIN}", "--data", "-"], input=changed,
                       capture_output=True, timeout=60)
    said = r.stdout.decode()
    assert "550-5.7.26 DKIM: the signature of example.org does not hold: the body was" in said, said
    assert "550 5.7.26" in said and len(re.findall("550.5.7.26", said)) <= 10


def test_a_list_that_is_trusted_vouches_by_its_seal(house, keys):  # noqa: F811
    """A server that nobody knows passes on what the list has sealed; what is changed behind it is refused."""
    seen = mail(extra="Authentication-Results: lists.test; dmarc=pass header.from=example.org\n")
    sealed = b"".join(dkim.arc_sign(seen, b"s1", b"lists.test", keys["rsa"].private.read_bytes(), b"lists.test")) + seen
    story = house.wait_for_word(queue_id(hand_in(house, sealed)), "delivered")
    assert "DMARC fail (reject), ARC pass lists.test)" in " ".join(story.split())
    assert hand_in(house, sealed.replace(b"See you.", b"Pay now."))[0] == 550


def test_note_and_off_take_it(house):
    for to, has_field in (("ann@note.test", True), ("ann@off.test", False)):
        forged = f"Authentication-Results: {ID}; spf=pass\nAuthentication-Results: other.test; spf=pass\n"
        hand_in(house, mail(extra=forged), to=to)
        raw = newest(house, "ann", to.split("@")[1])
        assert raw.count(ID.encode() + b";") == has_field and raw.count(b"other.test; spf=pass") == 1, raw
        assert (b"dmarc=fail" in raw) == has_field
        if has_field:
            assert results(raw)["spf"][0] == "fail"


def test_who_is_trusted_is_not_checked(make_server, dns):
    s = make_server(f"dns {dns.server}\nauthenticate {DOMAIN} refuse\n", users=USERS)
    own = f"Authentication-Results: {ID}; spf=pass\n"
    queue_id(hand_in(s, mail(extra=own)))
    assert newest(s, "alice").count(b"Authentication-Results") == 1


def test_domains_that_differ_get_it_apart(house):
    code, words = hand_in(house, mail(), to=[f"alice@{DOMAIN}", "ann@note.test"])
    assert code == 452 and words.startswith("4.5.3") and "apart" in words
    assert hand_in(house, mail("example.com"), to=["ann@off.test", "ann@note.test"])[0] == 250


def test_it_is_counted(house):
    text = urllib.request.urlopen(f"http://127.0.0.1:{house.metrics}/metrics", timeout=10).read().decode()
    for line in ('plainpost_spf_results_total{result="fail"}', 'plainpost_dkim_results_total{result="pass"}',
                 'plainpost_dmarc_results_total{result="fail"}', 'plainpost_unauthentic_total{refused="for-good"}',
                 'plainpost_unauthentic_total{refused="for-now"}'):
        assert int(re.search(re.escape(line) + r" (\d+)", text).group(1)) > 0, line


def test_a_dns_that_is_silent_delays_and_no_more(make_server, dns):
    """Many at once wait no longer than one; and one that goes meanwhile is no loss."""
    s = make_server(options(dns, "authenticate-timeout 1s\n"), users=USERS)
    gone = smtplib.SMTP("127.0.0.1", s.port, "client.test", 20, (OTHER, 0))
    gone.ehlo()
    assert gone.mail("a@silent.test")[0] == 250 and gone.rcpt(f"alice@{DOMAIN}")[0] == 250
    assert gone.docmd("DATA")[0] == 354
    gone.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    gone.send(mail("silent.test") + b".\r\n")
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        replies = pool.map(lambda _: hand_in(s, mail("silent.test"), "a@silent.test"), range(20))
        time.sleep(0.2)
        gone.close()
        replies = list(replies)
    took = time.monotonic() - began
    assert {code for code, _ in replies} == {250} and 0.9 < took < 8, (took, replies)
    assert results(newest(s, "alice"))["dmarc"][0] == "temperror"
    s.wait_for_mail("alice", 20)
    assert hand_in(s, mail("silent.test"), "a@silent.test", "ann@off.test")[0] == 250


def test_who_goes_while_signatures_are_checked_is_no_loss(house, keys):  # noqa: F811
    """The message stays until the worker is done with it."""
    plain = mail(body=("y" * 70 + "\n") * 35000)
    signed = sign(plain, keys["rsa"])
    large = signed[:-len(plain)] * 20 + plain  # that many times the body is hashed
    for wait in (0, 0.005, 0.01, 0.015, 0.02, 0.03):
        s = smtplib.SMTP("127.0.0.1", house.port, "client.test", 20, (OTHER, 0))
        s.ehlo()
        assert s.mail("alice@example.org")[0] == 250 and s.rcpt(f"alice@{DOMAIN}")[0] == 250
        assert s.docmd("DATA")[0] == 354
        s.send(large + b".\r\n")
        while struct.unpack("i", fcntl.ioctl(s.sock, termios.TIOCOUTQ, b"\0" * 4))[0]:
            time.sleep(0.001)
        time.sleep(wait)  # he has it for some 30 ms
        s.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
    queue_id(hand_in(house, sign(mail(), keys["rsa"])))


def test_nobody_forged_is_told(make_server, dns, tmp_path):
    """What fails later is told to postmaster, because the return path is not that of whoever sent it."""
    (tmp_path / "aliases").write_text(f"postmaster: alice@{DOMAIN}\n"f"away: lost@partner.test\n")
    with Hop(lambda to: "550 5.1.1 no such user") as hop:
        s = make_server(options(dns, f"authenticate * note\naliases {tmp_path / 'aliases'}\n"
                                     f"route partner.test 127.0.0.1:{hop.port}\n").replace("refuse\n", "note\n", 1),
                        users=USERS)
        forged = queue_id(hand_in(s, mail(), to=f"away@{DOMAIN}"))
        assert "reported to postmaster, because the return path is forged" in s.wait_for_word(forged, "reported to")
