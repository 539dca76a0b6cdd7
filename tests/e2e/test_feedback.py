"""Mail providers tell that a recipient called a message of ours spam (feedback loops): it is noted once, for what really
left from here, and the report comes into its mailbox all the same."""
import json
import re
import shutil
import subprocess

import pytest
from conftest import DOMAIN, PLAINPOST, free_port, wait_for
from hop import Hop
from test_accounts import Accounts
from test_metrics import Figures
from test_sent import USER, public  # noqa: F401, a fixture

ALICE, BOB, CAROL, FBL = f"alice@{DOMAIN}", "bob@partner.test", "carol@partner.test", f"fbl@{DOMAIN}"
USERS = f"domain {DOMAIN}\n{ALICE}\nbob@{DOMAIN}\n{FBL}\n"

# As RFC 5965 appendix B.2 has it.
ARF = """From: <feedback@partner.test>
Date: Fri, 27 Nov 2026 10:40:00 +0000
Subject: FW: hello
To: <{to}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report;
     boundary="part1_13d.2e68ed54_boundary"

--part1_13d.2e68ed54_boundary
Content-Type: text/plain; charset="US-ASCII"
Content-Transfer-Encoding: 7bit

This is an email abuse report for an email message received from IP
192.0.2.1 on Fri, 27 Nov 2026 10:35:00 +0000.

--part1_13d.2e68ed54_boundary
Content-Type: message/feedback-report

{fields}
--part1_13d.2e68ed54_boundary
Content-Type: {part}
Content-Disposition: inline

{original}
--part1_13d.2e68ed54_boundary--
"""
# As Microsoft's JMRP has it: the message, and nothing else.
JMRP = """From: <staff@hotmail.com>
Date: Fri, 27 Nov 2026 10:40:00 +0000
Subject: complaint about message from 192.0.2.1
To: <{to}>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: message/rfc822

X-HmXmrOriginalRecipient: {recipient}
{original}
--b--
"""


def fields(recipient=BOB, kind="abuse"):
    told = f"Original-Rcpt-To: <{recipient}>\n" if recipient else ""
    return (f"Feedback-Type: {kind}\nUser-Agent: SomeGenerator/1.0\nVersion: 1\n"
            f"Original-Mail-From: <{ALICE}>\n{told}Arrival-Date: Fri, 27 Nov 2026 10:35:00 +0000\n"
            "Reporting-MTA: dns; mail.partner.test\nSource-IP: 192.0.2.1\n")


class Loop:
    """A server whose mail goes to a provider, and the provider's complaints."""

    def __init__(self, make_server, hop, options=""):
        self.metrics = free_port()
        self.server = make_server(f"trusted 127.0.0.0/8\nroute partner.test 127.0.0.1:{hop.port}\n"
                                  f"feedback-address {FBL}\nmetrics 127.0.0.1:{self.metrics}\n{options}", users=USERS)
        self.hop = hop

    def send(self, to=BOB, name="one"):
        """Its queue id, and the message as it arrived."""
        to = [to] if isinstance(to, str) else to
        before = len(self.hop.taken)
        queue_id = self.server.send(to, headers=f"Message-ID: <{name}@client.test>\r\n")
        wait_for("the message", lambda: len(self.hop.taken) > before)
        return queue_id, self.hop.taken[-1].content.decode().replace("\r\n", "\n")

    def complain(self, original, form=ARF, part="message/rfc822", to=FBL, count=1, **more):
        report = form.format(to=to, part=part, original=original, **({"fields": fields()} | more))
        with self.server.client() as s:
            s.sendmail("feedback@partner.test", to, report)
        return self.server.wait_for_mail("fbl", count)

    def complaints(self, queue_id):
        story, = self.server.stories(queue_id)
        return [e for e in story["events"] if e["event"] == "complained"]

    def counted(self):
        f = Figures(self.metrics)
        return tuple(f["plainpost_complaints_total", k] for k in ("new", "repeated", "unproven"))


@pytest.fixture
def loop(make_server):
    with Hop() as hop:
        yield Loop(make_server, hop)


def test_a_complaint_is_noted_once_and_delivered(loop):
    queue_id, original = loop.send()
    loop.complain(original)
    complaint, = loop.complaints(queue_id)
    assert (complaint["recipient"], complaint["type"], complaint["through"]) == (BOB, "abuse", "partner.test")
    told_in, = loop.server.stories(FBL)
    assert complaint["told_in"] == told_in["id"] and told_in["events"][-1]["event"] == "delivered"
    words = " ".join(loop.server.run("trace", queue_id).split())
    assert f"{BOB} complained that it is spam, through partner.test: {told_in['id']}" in words
    assert re.search(f"complaint id={queue_id} .*to={BOB}.* told-in={told_in['id']}", loop.server.log.read_text())
    loop.complain(original, count=2)
    assert loop.complaints(queue_id) == [complaint]
    assert loop.counted() == (1, 1, 0)
    assert ALICE not in loop.server.run("account", "ls")  # who has no account is none for the guard
    loop.server.audit()


@pytest.mark.parametrize("part", ["message/rfc822", "text/rfc822-headers"])
def test_who_complains_may_be_hidden(loop, part):
    """Then the queue id in our own Received field is the proof; of several recipients it is not known which."""
    queue_id, original = loop.send()
    both, of_both = loop.send([BOB, CAROL], "two")

    def hidden(text):
        text = re.sub("(bob|carol)@", "redacted@", text)
        return text.split("\n\n")[0] + "\n" if part == "text/rfc822-headers" else text
    loop.complain(hidden(original), part=part, fields=fields("redacted@partner.test"))
    loop.complain(hidden(of_both), part=part, fields=fields(None), count=2)
    assert [c["recipient"] for c in loop.complaints(queue_id)] == [BOB]
    assert ["recipient" in c for c in loop.complaints(both)] == [False]
    assert "a recipient complained that it is spam" in loop.server.run("trace", both)


def test_the_name_of_the_message_and_who_got_it_prove_it_alone(loop):
    """Some return no more of it."""
    queue_id, _ = loop.send()
    told = fields("eve@partner.test", kind="fraud") + f"Original-Rcpt-To: <{BOB}>\n"
    header = f"From: {ALICE}\nSubject: x\nMessage-ID: <one@client.test>\n"
    loop.complain(header, part="text/rfc822-headers", fields=told)
    complaint, = loop.complaints(queue_id)
    assert (complaint["recipient"], complaint["type"]) == (BOB, "fraud")


def test_microsofts_form(loop):
    queue_id, original = loop.send()
    loop.complain(original, form=JMRP, recipient=BOB)
    complaint, = loop.complaints(queue_id)
    assert complaint["type"] == "abuse" and complaint["through"] == "hotmail.com"


def test_what_nothing_proves_does_not_count(loop):
    """Whoever has got one message of Alice knows how her messages look, but not what others have got."""
    queue_id, original = loop.send()
    other = "1k10sawp4dr"
    forged = [
        original.replace("one@client.test", "two@client.test").replace(queue_id, other),  # was never sent
        f"From: {ALICE}\nTo: {CAROL}\nMessage-ID: <one@client.test>\n\nBuy!\n",            # to somebody else
        f"From: {ALICE}\nSubject: x\n\nBuy!\n",
    ]
    for n, text in enumerate(forged, 1):
        loop.complain(text, fields=fields(CAROL), count=n)
    loop.complain(forged[-1], fields=fields(BOB), count=4)  # who has got some message
    stamped = original.replace(queue_id, other)  # the right name, with another's stamp
    loop.complain(stamped, fields=fields(BOB), count=5)
    elsewhere = original.replace(f"by mx.{DOMAIN}", "by mx.partner.test")  # who knows the stamp
    assert elsewhere != original
    loop.complain(elsewhere, fields=fields(None), count=6)
    assert loop.complaints(queue_id) == []
    assert loop.counted() == (0, 0, 6)
    assert "complaint-unproven" in loop.server.log.read_text()


@pytest.mark.parametrize("kind", ["not-spam", "opt-out", "auth-failure"])
def test_what_is_no_complaint(loop, kind):
    queue_id, original = loop.send()
    loop.complain(original, fields=fields(kind=kind))
    assert loop.complaints(queue_id) == [] and loop.counted() == (0, 0, 0)


def test_other_mail_there_is_just_mail(loop):
    loop.server.send(FBL, "Lunch?")
    assert loop.server.wait_for_mail("fbl")[0]["Subject"] == "Lunch?"
    assert loop.counted() == (0, 0, 0)


def test_a_report_to_another_address_is_just_mail(loop):
    queue_id, original = loop.send()
    report = ARF.format(to=f"bob@{DOMAIN}", part="message/rfc822", original=original, fields=fields())
    with loop.server.client() as s:
        s.sendmail("feedback@partner.test", f"bob@{DOMAIN}", report)
    loop.server.wait_for_mail("bob")
    assert loop.complaints(queue_id) == []


def test_an_alias_leads_on(make_server, tmp_path):
    (tmp_path / "aliases").write_text(f"abuse: bob@{DOMAIN}\n")
    with Hop() as hop:
        loop = Loop(make_server, hop, f"aliases {tmp_path}/aliases\nfeedback-address abuse@{DOMAIN}\n")
        queue_id, original = loop.send()
        report = ARF.format(to=f"abuse@{DOMAIN}", part="message/rfc822", original=original, fields=fields())
        with loop.server.client() as s:
            s.sendmail("feedback@partner.test", f"abuse@{DOMAIN}", report)
        loop.server.wait_for_mail("bob")
        assert len(loop.complaints(queue_id)) == 1


def test_a_crash_loses_none_and_doubles_none(loop):
    queue_id, original = loop.send()
    s = loop.server
    report = ARF.format(to=FBL, part="message/rfc822", original=original, fields=fields())
    for n in range(3):
        with s.client() as client:
            client.sendmail("feedback@partner.test", FBL, report)
            s.kill()  # just behind the 250
        s.start()
        s.wait_for_mail("fbl", n + 1)
        assert len(loop.complaints(queue_id)) == 1
    s.audit()


def test_whoever_sent_it_does_not_learn_who_complained(make_server, public):  # noqa: F811
    with Hop() as hop:
        loop = Loop(make_server, hop, f"control {public}/control\ndrop {public}/drop\noperators daemon\n")
        shutil.copy(loop.server.config, public / "conf")
        (public / "conf").chmod(0o644)

        def as_user(*words, stdin=None):
            r = subprocess.run([public / "plainpost", "-c", public / "conf", *words], input=stdin, capture_output=True,
                               text=True, timeout=60, user=USER, group=USER, extra_groups=())
            assert r.returncode == 0, r.stderr
            return r.stdout
        as_user("sendmail", BOB, stdin="Subject: mine\n\ntext\n")
        original = wait_for("his mail", lambda: hop.taken)[0].content.decode().replace("\r\n", "\n")
        queue_id = re.search(r"^\s+id (\S+)", original, flags=re.M)[1]
        loop.complain(original)
        assert len(loop.complaints(queue_id)) == 1
        story = as_user("trace", queue_id)
        assert "relayed" in story and "complained" not in story


def test_the_guard_of_accounts_hears_of_it(make_server, tmp_path):
    """Of what is new; and it tells whom it is about."""
    with Hop() as hop:
        accounts = Accounts(make_server, tmp_path, hop, options=f"feedback-address bob@{DOMAIN}\n")
        for n in range(2):
            accounts.write(f"friend{n}@partner.test")
        wait_for("the messages", lambda: len(hop.taken) == 2)
        for taken in 2 * hop.taken:
            report = ARF.format(to=f"bob@{DOMAIN}", part="message/rfc822", fields=fields(taken.recipients[0]),
                                original=taken.content.decode().replace("\r\n", "\n"))
            subprocess.run([PLAINPOST, "-c", accounts.server.config, "sendmail", "-f", "feedback@partner.test",
                            f"bob@{DOMAIN}"], input=report.encode(), check=True, timeout=60)
        accounts.server.wait_for_mail("bob", 4)
        wait_for("the complaints", lambda: accounts.shown()["complaints"] == 2)
        assert len(re.findall(f" complaint .*account={ALICE} ", accounts.server.log.read_text())) == 2


def test_explain_says_of_what(loop):
    _, original = loop.send()
    r = subprocess.run([PLAINPOST, "-c", loop.server.config, "explain", "--json"],
                       input=ARF.format(to=FBL, part="message/rfc822", original=original, fields=fields(kind="fraud")),
                       capture_output=True, text=True, timeout=30)
    found = json.loads(r.stdout)
    assert found["kind"] == "feedback-report" and found["feedback_type"] == "fraud"


def test_a_wrong_address_is_an_error(tmp_path):
    config = tmp_path / "x.conf"
    config.write_text("feedback-address nobody\n")
    r = subprocess.run([PLAINPOST, "-c", config, "config", "check"], capture_output=True, text=True, timeout=30)
    assert r.returncode == 1 and "feedback-address must be an address of ours" in r.stderr
