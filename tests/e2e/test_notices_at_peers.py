"""Our notices at servers that others wrote: Postfix, Exim, OpenSMTPD and, by LMTP, Dovecot take and deliver every kind,
and what arrives there is built to the letter."""
import email
import email.policy
import re

import notice_check
import peer_dovecot
import pytest
from conftest import DOMAIN, wait_for
from hop import Hop
from peer_dovecot import Dovecot
from peer_mailers import Exim, OpenSmtpd
from peer_postfix import TRACE_FIELD, Postfix

ANY_TRACE_FIELD = re.compile(TRACE_FIELD.pattern, re.I)  # Exim writes "Return-path"
GONE, BUSY = "gone@partner.test", "busy@partner.test"


class ByLmtp:
    def __init__(self, work):
        self.dovecot = Dovecot({"u1@relay.test": None})
        self.route, self.files, self.stop = f"lmtp:127.0.0.1:{self.dovecot.port}", self.mails, self.dovecot.stop

    def mails(self, user):
        return self.dovecot.mails(f"{user}@relay.test")


def by_smtp(kind):
    def start(work):
        peer = kind(work)
        peer.route = f"127.0.0.1:{peer.port}"
        return peer
    return start


PEERS = {"postfix": by_smtp(Postfix), "exim": by_smtp(Exim), "opensmtpd": by_smtp(OpenSmtpd), "dovecot": ByLmtp}


@pytest.fixture(scope="module", params=PEERS)
def peer(request, tmp_path_factory):
    if request.param == "dovecot" and (why := peer_dovecot.why_not()):
        pytest.skip(why)
    work = tmp_path_factory.mktemp(request.param)
    work.chmod(0o755)
    peer = PEERS[request.param](work)
    yield peer
    peer.stop()


def behind_trace(kept):
    """From the first field on that no server puts in front of what it takes."""
    at = 0
    while field := ANY_TRACE_FIELD.match(kept, at):
        at = field.end()
    return kept[at:]


def action_of(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    status = next(p for p in message.walk() if p.get_content_type() == "message/delivery-status")
    return status.get_payload()[1]["Action"]


def test_every_kind_is_taken_and_arrives_as_it_was_written(make_server, peer):
    busy, before = [BUSY], set(peer.files("u1"))
    with Hop(lambda to: "550 5.1.1 no such user" if to == GONE else "451 4.2.1 later" if to in busy else None) as hop:
        s = make_server(f"route relay.test {peer.route}\nroute partner.test 127.0.0.1:{hop.port}\n"
                        "delay-notice 1s\nretry-first 1s\nretry-max 1s")
        ids = []
        for to, notify in ((GONE, ""), (BUSY, ""), (f"bob@{DOMAIN}", "NOTIFY=SUCCESS")):
            ids.append(s.send(to, "=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "x", sender="u1@relay.test",
                              headers="Accept-Language: de\r\nMIME-Version: 1.0\r\n"
                                      "Content-Type: text/plain; charset=utf-8\r\n",
                              mail_options=["ENVID=QQ1"], rcpt_options=[notify] if notify else []))

        def arrived():
            files = [p for p in peer.files("u1") if p not in before]
            return len(files) >= 3 and {p: p.read_bytes() for p in files}
        arrived = wait_for("three notices at the peer", arrived, 30)
        for path, raw in arrived.items():
            written = behind_trace(raw)
            assert written.startswith(b"From: Mail Delivery Subsystem <mailer-daemon@mx.home.test>"), path
            assert notice_check.faults(raw, envid="QQ1", orcpt={}) == [], path
            assert b"In English" in written or b"SW4gRW5nbGlzaA" in written  # as text, or in base64
        assert sorted(action_of(raw) for raw in arrived.values()) == ["delayed", "delivered", "failed"]
        busy.clear()
        for queue_id in ids:
            s.wait_for_word(queue_id, "reported to u1@relay.test")
        wait_for("an empty queue", lambda: "empty" in s.run("queue", "list"))
        assert s.messages("alice") == []  # postmaster had to hear of none
        s.audit()
