"""plainpost among Exim, OpenSMTPD and msmtp: as the next hop, and as the client."""
import smtplib
import subprocess

import pytest
from conftest import DOMAIN, PEERS, ROOT, wait_for
from peer_mailers import Exim, OpenSmtpd
from peer_postfix import text_behind_trace
from test_main_job import report_of

REAL_MAIL = [ROOT / "tests" / "mail" / f"{name}.eml" for name in
             ("dots", "dots-at-the-end", "utf8-8bit", "folded-header", "lines-of-998", "multipart-attachment")]


@pytest.fixture(scope="module", params=[Exim, OpenSmtpd], ids=["exim", "opensmtpd"])
def mailer(request, tmp_path_factory):
    work = tmp_path_factory.mktemp("mailer")
    work.chmod(0o755)
    peer = request.param(work)
    yield peer
    peer.stop()


def unfolded(text):
    return " ".join(str(text).split())


def routes(mailer):
    return f"route relay.test 127.0.0.1:{mailer.port}\nroute elsewhere.test 127.0.0.1:{mailer.port}\nretry-first 1s"


def test_what_plainpost_relays_arrives(make_server, mailer):
    s = make_server(routes(mailer))
    before = len(mailer.files("u1"))
    originals = [path.read_bytes() for path in REAL_MAIL]
    with s.client() as c:
        c.ehlo()
        for original in originals:
            c.mail(f"alice@{DOMAIN}", [] if original.isascii() else ["BODY=8BITMIME"])
            for to in ("u1@relay.test", "u2@relay.test"):
                assert c.rcpt(to)[0] == 250
            code, words = c.data(original.replace(b"\n", b"\r\n"))
            assert code == 250, words
    for user in ("u1", "u2"):
        files = mailer.wait_for_files(user, before + len(originals))
        kept = [p.read_bytes() for p in files]
        for original in originals:
            assert any(is_the_same(k, original) for k in kept), original[:200]
    wait_for("an empty queue", lambda: "empty" in s.run("queue", "list"))
    s.audit()


def is_the_same(kept, original):
    """Exim and OpenSMTPD put a Return-Path and Received fields before a message, and end it with a line end; Exim adds
    fields that are missing."""
    return text_behind_trace(kept, original).rstrip(b"\n") == original.rstrip(b"\n") or \
        kept.rstrip(b"\n").endswith(original.partition(b"\n\n")[2].rstrip(b"\n"))


def test_refusals_come_back_in_its_words(make_server, mailer):
    s = make_server(routes(mailer))
    for number, (to, headers, words) in enumerate(mailer.refusals, 1):
        queue_id = s.send([to, f"bob@{DOMAIN}"], "Herons", headers=headers)
        notice = next(m for m in s.wait_for_mail("alice", number) if to in m.as_string())
        text, _, (recipient,), _ = report_of(notice)
        assert recipient["Final-Recipient"].endswith(to) and recipient["Action"] == "failed"
        for told in (recipient["Diagnostic-Code"], text, s.run("trace", queue_id)):
            assert words in unfolded(told)
    s.wait_for_mail("bob", len(mailer.refusals))
    s.audit()


def test_it_relays_to_plainpost(make_server, mailer):
    s = make_server(f"listen 127.0.0.1:{mailer.home_port}")
    originals = [path.read_bytes() for path in REAL_MAIL]
    with smtplib.SMTP("127.0.0.1", mailer.port, "client.test", 20) as c:
        c.ehlo()
        for original in originals:
            c.mail(f"alice@{DOMAIN}", [] if original.isascii() else ["BODY=8BITMIME"])
            assert c.rcpt(f"bob@{DOMAIN}")[0] == 250
            assert c.data(original.replace(b"\n", b"\r\n"))[0] == 250
        c.sendmail(f"alice@{DOMAIN}", f"nobody@{DOMAIN}", f"From: alice@{DOMAIN}\nSubject: to nobody\n\ntext\n")
    s.wait_for_mail("bob", len(originals))
    kept = [p.read_bytes() for p in s.mailbox("bob")]
    assert all(any(is_the_same(k, original) for k in kept) for original in originals)
    notice, = s.wait_for_mail("alice")  # of that server, in our words
    assert "there is no mailbox with this address here" in unfolded(notice.as_string())
    s.audit()


def msmtp(server, work, *words, text):
    (work / "msmtprc").write_text(f"account default\nhost 127.0.0.1\nport {server.port}\nfrom alice@{DOMAIN}\n"
                                  "tls off\nauth off\ndomain client.test\n")
    (work / "msmtprc").chmod(0o600)
    return subprocess.run([PEERS / "unpacked.sh", "msmtp", work, "-", "/usr/bin/msmtp", "-C", "/mnt/work/msmtprc",
                           *words], input=text, capture_output=True, text=True, timeout=200)


def test_msmtp(make_server, tmp_path):
    s = make_server()
    work = tmp_path / "msmtp"
    work.mkdir()
    text = f"To: Bob <bob@{DOMAIN}>\nBcc: carol@{DOMAIN}\nSubject: from msmtp\n\n.dot\nfrom here\n"
    r = msmtp(s, work, "-t", text=text)
    assert r.returncode == 0, r.stderr
    message, = s.wait_for_mail("bob")
    assert message["Subject"] == "from msmtp" and message["Bcc"] is None
    assert message["Return-Path"] == f"<alice@{DOMAIN}>" and message.get_content() == ".dot\nfrom here\n"
    s.wait_for_mail("carol")
    r = msmtp(s, work, f"nobody@{DOMAIN}", text=text)
    assert r.returncode == 65 and "check the spelling" in r.stderr  # EX_DATAERR, as it says
    s.audit()
