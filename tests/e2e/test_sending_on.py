"""What is sent on for an alias: sealed by ARC, as dkimpy reads it; under a sender of ours (SRS), as Debian's postsrsd
makes and reads them."""
import os
import re
import socket
import subprocess
import time

import dkim
import pytest
from conftest import DOMAIN, PEERS, ROOT, answers, free_port, wait_for
from fake_dns import FakeDns, txt
from hop import Hop
from test_signing import RSA, make_key

AWAY = "someone@away.test"
MAIL = (f"Authentication-Results: mx.{DOMAIN}; dkim=pass header.d=forged.test\r\n"
        "From: Alice <alice@example.org>\r\nTo: team@home.test\r\nSubject: Minutes of\r\n Monday\r\n\r\n{}\r\n")
OURS = "127.0.0.9"  # nobody checks who comes from there
ZONE = {"example.org": {"TXT": [txt("v=spf1 ip4:127.0.0.1 -all")]}}


def start(make_server, tmp_path, hop, options):
    (tmp_path / "aliases").write_text(f"team: bob, {AWAY}\naway: {AWAY}\n")
    return make_server(f"aliases {tmp_path}/aliases\nroute away.test 127.0.0.1:{hop.port}\n" + options)


def send(server, to, body="See you.", sender="alice@example.org", source=None, options=(), text=MAIL):
    with server.client(source_address=source and (source, 0)) as c:
        c.ehlo()
        c.mail(sender, list(options))
        assert c.rcpt(to)[0] == 250
        code, words = c.data(text.format(body).encode())
        assert code == 250, words
        return words.decode().split()[-1]


@pytest.fixture
def sealing(tmp_path):
    """Options, and who reads the key."""
    record = make_key(tmp_path / "key.pem", *RSA)

    def key(name, timeout=5):
        assert name == b"s1._domainkey.home.test."
        return record if isinstance(record, bytes) else record.encode()
    with FakeDns(ZONE) as dns:
        yield (f"dkim-key {DOMAIN} s1 {tmp_path}/key.pem\narc-seal {DOMAIN}\ndns {dns.server}\n"
               f"trusted {OURS}/32\n", key)


def sealed(content, key):
    assert content.startswith(b"ARC-Seal: ") and content.count(b"ARC-Seal: ") == 1
    return dkim.arc_verify(content, dnsfunc=key)[0] == b"pass"


def test_what_is_sent_on_is_sealed(make_server, tmp_path, sealing):
    options, key = sealing
    with Hop() as hop:
        s = start(make_server, tmp_path, hop, options)
        send(s, f"team@{DOMAIN}")
        wait_for("the mail", lambda: hop.taken)
        content = hop.taken[0].content
        assert sealed(content, key) and not sealed(content.replace(b"See you", b"See me"), key)
        results = " ".join(content.split(b"\r\nARC-Authentication-Results: ")[1].decode().split())
        assert results.startswith(f"i=1; mx.{DOMAIN}; spf=pass reason=\"example.org lets 127.0.0.1 send for it")
        assert "forged.test" not in content.decode()
        s.wait_for_mail("bob")
        assert b"ARC-Seal" not in s.mailbox("bob")[0].read_bytes()
        # Again, over the connection that is open, larger than a piece, and with a dot.
        send(s, f"away@{DOMAIN}", "0123456789 " * 70 + "\r\n..\r\n" + ("x" * 70 + "\r\n") * 3000)
        wait_for("the second", lambda: len(hop.taken) == 2)
        assert sealed(hop.taken[1].content, key)
        # What nobody has checked stays as it is.
        send(s, f"away@{DOMAIN}", source=OURS, text=MAIL.split("forged.test\r\n")[1])
        wait_for("the third", lambda: len(hop.taken) == 3)
        assert b"ARC-Seal" not in hop.taken[2].content
        # A chain goes on.
        with s.client() as c:
            c.ehlo()
            c.sendmail("alice@example.org", f"away@{DOMAIN}", content)
        wait_for("the fourth", lambda: len(hop.taken) == 4)
        assert b" cv=fail; d=home.test; i=2;" in hop.taken[3].content, "our DNS knows no key of that seal"
        s.audit()


def test_a_form_that_breaks_the_seal_goes_without_it(make_server, tmp_path, sealing):
    with Hop(extensions=("PIPELINING",)) as hop:
        s = start(make_server, tmp_path, hop, sealing[0])
        send(s, f"away@{DOMAIN}", "Grüße", options=["BODY=8BITMIME"])
        wait_for("the mail", lambda: hop.taken)
        assert b"ARC-Seal" not in hop.taken[0].content and b"Gr=C3=BC=C3=9Fe" in hop.taken[0].content


# ---- senders

SENDER = "alice@example.org"


class PostSrsd:
    """Debian's, with a file of secrets of ours."""
    def __init__(self, work, secrets, domain):
        fetched = subprocess.run([PEERS / "fetch.sh", "postsrsd"], capture_output=True, text=True)
        if fetched.returncode:
            pytest.skip(f"needs Debian's package postsrsd: {fetched.stderr}")
        self.forward, self.reverse = free_port(), free_port()
        self.process = subprocess.Popen(
            [ROOT / ".peers" / "postsrsd" / "usr" / "sbin" / "postsrsd", "-4", "-s", secrets, "-d", domain,
             "-f", str(self.forward), "-r", str(self.reverse)],
            stdout=open(work / "postsrsd.log", "wb"), stderr=subprocess.STDOUT, cwd=work)
        wait_for("postsrsd", lambda: answers(self.forward) and answers(self.reverse))

    def ask(self, port, address):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as s:
            s.sendall(f"get {address}\n".encode())
            code, _, found = s.makefile().readline().strip().partition(" ")
            return found if code == "200" else None

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def senders(hop):
    """Of what the next hop was given."""
    return [re.match("MAIL FROM:<(.*?)>", c).group(1) for c in hop.commands if c.startswith("MAIL")]


def rcpt(server, to, sender=""):
    with server.client() as c:
        c.ehlo()
        c.mail(sender)
        code, words = c.rcpt(to)
        return code, words.decode()


def report(server, to):
    with server.client() as c:
        c.ehlo()
        c.mail("")
        assert c.rcpt(to)[0] == 250
        code, words = c.data(b"From: <>\r\nSubject: Undelivered\r\n\r\nNo such user.\r\n")
        assert code == 250
        return words.decode().split()[-1]


def test_senders_are_rewritten_and_found_again(make_server, tmp_path):
    with Hop() as hop, Hop() as home:
        s = start(make_server, tmp_path, hop, f"route example.org 127.0.0.1:{home.port}\nroute other.test "
                  f"127.0.0.1:{home.port}\nsrs srs.test\n")
        queue_id = send(s, f"team@{DOMAIN}")
        send(s, f"away@{DOMAIN}", sender=f"bob@{DOMAIN}")
        send(s, f"away@{DOMAIN}", sender="SRS0=abcd=EF=example.org=alice@other.test")
        send(s, AWAY)
        send(s, f"away@{DOMAIN}", sender=f"{'a' * 50}@example.org")
        wait_for("all of it", lambda: len(hop.taken) == 5)
        found = sorted(senders(hop))
        ours = next(f for f in found if f.startswith("SRS0="))
        guarded = next(f for f in found if f.startswith("SRS1="))
        assert re.fullmatch(r"SRS0=[\w+/]{4}=[A-Z2-7]{2}=example\.org=alice@srs\.test", ours)
        assert re.fullmatch(r"SRS1=[\w+/]{4}=other\.test==abcd=EF=example\.org=alice@srs\.test", guarded)
        assert sorted({ours, guarded, f"bob@{DOMAIN}", SENDER, f"{'a' * 50}@example.org"}) == found
        # Here it is the message of its sender.
        s.wait_for_mail("bob")
        assert f"Return-Path: <{SENDER}>" in s.mailbox("bob")[0].read_text()
        assert f"from {SENDER}" in s.wait_for_word(queue_id, "delivered")
        assert f"as from {ours}, which took it" in " ".join(s.run("trace", queue_id).split())
        # Reports go on to whom they are for, whatever has become of the letters.
        back = report(s, ours.lower())
        report(s, guarded)
        wait_for("the reports", lambda: len(home.taken) == 2)
        assert sorted(r for t in home.taken for r in t.recipients) == [
            "SRS0=abcd=EF=example.org=alice@other.test", SENDER]
        assert set(senders(home)) == {""}
        assert all(b"Notice-Verdict" not in t.content for t in home.taken)  # it is for others to judge
        assert f"stands for the sender {SENDER}" in " ".join(s.wait_for_word(back, "delivered").split())
        # Nobody else gets in.
        assert rcpt(s, ours.replace("alice", "carol"))[0] == 550
        code, words = rcpt(s, ours, "eve@example.net")
        assert code == 550 and words.startswith("5.7.1 ") and "only reports" in words
        code, words = rcpt(s, "SRS0=AAAA=KT=example.org=alice@srs.test")
        assert code == 550 and words.startswith("5.1.1 ") and "what signs it is not right" in words
        assert rcpt(s, "SRS0=AAAA=KT=example.org=alice@elsewhere.test", "eve@example.net")[1].startswith("5.4.4 ")
        s.audit()


def test_a_failure_is_told_to_the_true_sender(make_server, tmp_path):
    with Hop(recipient=lambda address: "550 5.1.1 no such user") as hop, Hop() as home:
        s = start(make_server, tmp_path, hop, f"route example.org 127.0.0.1:{home.port}\nsrs srs.test\n")
        send(s, f"away@{DOMAIN}")
        wait_for("the notice", lambda: home.taken)
        assert list(home.taken[0].recipients) == [SENDER] and senders(home) == [""]
        assert b"SRS0" not in home.taken[0].content
        assert senders(hop)[0].startswith("SRS0=")


def test_a_new_secret_comes_and_the_old_one_stays_for_a_while(make_server, tmp_path):
    with Hop() as hop, Hop() as home:
        s = start(make_server, tmp_path, hop, f"route example.org 127.0.0.1:{home.port}\nsrs srs.test\n")
        secrets = s.state / "srs-secrets"
        first = secrets.read_text()
        assert re.fullmatch("[0-9a-f]{48}\n\n?", first) and secrets.stat().st_mode & 0o777 == 0o600
        send(s, f"away@{DOMAIN}")
        wait_for("the mail", lambda: hop.taken)
        address = senders(hop)[0]
        os.utime(secrets, (time.time() - 31 * 86400,) * 2)
        s.run("reload")
        fresh = secrets.read_text().split()
        assert len(fresh) == 2 and fresh[1] == first.strip() and fresh[0] != fresh[1]
        send(s, f"away@{DOMAIN}")
        wait_for("the mail", lambda: len(hop.taken) == 2)
        assert senders(hop)[1] != address
        assert rcpt(s, address)[0] == rcpt(s, senders(hop)[1])[0] == 250
        secrets.write_text(fresh[0] + "\n")
        s.run("reload")
        assert rcpt(s, address)[0] == 550 and rcpt(s, senders(hop)[1])[0] == 250


def test_postsrsd_and_we_are_of_one_mind(make_server, tmp_path):
    secrets = tmp_path / "secrets"
    secrets.write_text("first of all\nsecond\n")
    secrets.chmod(0o600)
    with Hop() as hop, Hop() as home:
        s = start(make_server, tmp_path, hop, f"route example.org 127.0.0.1:{home.port}\nsrs srs.test\n"
                  f"srs-secrets {secrets}\n")
        theirs = PostSrsd(tmp_path, secrets, "srs.test")
        try:
            cases = [SENDER, "Bob.Smith+x=y@Example.org", "SRS0=abcd=EF=example.org=alice@other.test",
                     "SRS1=wxyz=first.test==abcd=EF=example.org=alice@other.test"]
            for sender in cases:
                send(s, f"away@{DOMAIN}", sender=sender)
            wait_for("all of it", lambda: len(hop.taken) == len(cases))
            made = [theirs.ask(theirs.forward, sender) for sender in cases]
            assert sorted(senders(hop)) == sorted(made)
            for address in made:
                assert theirs.ask(theirs.reverse, address)
                assert rcpt(s, address)[0] == 250
            assert theirs.ask(theirs.reverse, made[0].replace("alice", "carol")) is None
        finally:
            theirs.stop()
