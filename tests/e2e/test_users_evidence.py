"""What a user of the machine hears of his notices when he asks the server: his own mail is known, with what proves it;
of the mail of others there is nothing, not even that there is any."""
import email.utils
import json
import mailbox
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time

import pytest

import return_tags
from conftest import PLAINPOST, QUICK, wait_for
from hop import Hop
from test_signing import RSA, make_key
from test_system_users import ANN, BEN, HOST, system  # noqa: F401, system: a fixture

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become other users")

PARTNER, FULL = "bob@partner.test", "full@partner.test"
SECRET = "a secret of the test"
OPERATOR, OPERATORS = 42003, 42100  # runner; the group "extra"
OUTSIDE = "127.0.0.9"


def refuse(address):
    return "552 5.2.2 user is over quota" if address == FULL else None


class House:
    """A server for ann and ben, users of the machine, who read their mail at home and can't see its records."""

    def __init__(self, make_server, system, hop, program=PLAINPOST):  # noqa: F811
        self.public = pathlib.Path(tempfile.mkdtemp(prefix="plainpost-asked-"))
        self.public.chmod(0o755)
        shutil.copy(program, self.public / "plainpost")
        secrets, key = self.public / "secrets", self.public / "key.pem"
        secrets.write_text(SECRET + "\n")
        secrets.chmod(0o600)
        make_key(key, *RSA)
        self.system, self.hop, self.secrets = system, hop, secrets
        self.server = make_server(
            f"deliver-as yes\ncontrol {self.public}/control\ndrop {self.public}/drop\noperators extra\n"
            f"trusted 127.0.0.1/32\nroute partner.test 127.0.0.1:{hop.port}\ndkim-key {HOST} one {key}\n"
            f"sign-return-paths {HOST}\nreturn-path-secrets {secrets}\n",
            users=f"domain {HOST} system maildir ~/Maildir least-uid 40000\n", prefix=system.prefix, program=program)
        shutil.copy(self.server.config, self.public / "conf")
        (self.public / "conf").chmod(0o644)

    def run(self, user, *words, text=None, group=None):
        group = group or user
        r = subprocess.run(
            [*self.system.prefix, "setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--",
             self.public / "plainpost", *words],
            input=text, capture_output=True, timeout=60,
            env={**os.environ, "PLAINPOST_CONFIG": str(self.public / "conf")})
        assert b"Sanitizer" not in r.stderr, r.stderr
        return r

    def explain(self, user, notice, *words, group=None):
        r = self.run(user, "explain", "--json", *words, text=notice, group=group)
        assert not r.stderr, r.stderr
        v = json.loads(r.stdout)["verdict"]
        return v["class"], v["provenance"], [e["fact"] for e in v["evidence"]]

    def mail(self, name):
        return sorted((self.system.file(name, "Maildir") / "new").glob("*"), key=lambda p: p.stat().st_mtime_ns)

    def wait_for_mail(self, name, count):
        return wait_for(f"{count} messages of {name}", lambda: len(m := self.mail(name)) >= count and m)[-1].read_bytes()


@pytest.fixture
def house(make_server, system, request):  # noqa: F811
    with Hop(refuse) as hop:
        h = House(make_server, system, hop, *getattr(request, "param", ()))
        yield h
        shutil.rmtree(h.public)


def address(name):
    return f"{name}@{HOST}"


def later(notice):
    """The same about a message that was written when the records had long begun."""
    dates = re.findall(rb"^Date: .*?$", notice, flags=re.M)
    return notice.replace(dates[-1], b"Date: " + email.utils.formatdate(time.time() + 7200).encode())


def unsigned(notice):
    return notice.replace(b"DKIM-Signature:", b"X-Signature:")


def test_own_mail_is_proven_and_that_of_others_is_not(house):
    s = house.server
    s.send(address("ben"), sender=address("ben"), headers="Message-ID: <0@client.test>\r\n")  # the records begin
    s.send(FULL, "Minutes", sender=address("ann"), headers=f"Message-ID: <one@client.test>\r\nDate: "
                                                           f"{email.utils.formatdate()}\r\n")
    notice = house.wait_for_mail("ann", 1)
    assert b"<one@client.test>" in notice and b"d=" + HOST.encode() in notice

    # She asks for her own, and for nobody else's; operators ask for all.
    class_, provenance, facts = house.explain(ANN, notice)
    assert (class_, provenance) == ("genuine", "proven") and {"sent", "own-signature"} <= set(facts), facts
    assert house.explain(ANN, notice, "--me", address("ann"))[1] == "proven"
    assert "sent" in house.explain(ANN, unsigned(notice))[2]
    assert "sent" not in house.explain(ANN, notice, "--me", address("ben"))[2]
    class_, provenance, facts = house.explain(OPERATOR, notice, group=OPERATORS)
    assert (class_, provenance) == ("genuine", "proven") and {"sent", "own-signature"} <= set(facts)
    assert '"own-signature"' in s.run("explain", "--json", str(house.mail("ann")[0]))

    # To ben her message is what one is that nobody has sent; whatever he makes of the notice.
    to_ben = notice.replace(address("ann").encode(), address("ben").encode())
    for text in (notice, later(notice), to_ben, later(to_ben)):
        told = house.explain(BEN, text)
        assert told[1] != "proven"
        assert told == house.explain(BEN, text.replace(b"one@client.test", b"two@client.test")), told

    # What she never sent is known, since all that she sends leaves from here.
    forged = later(unsigned(notice)).replace(b"one@client.test", b"two@client.test")
    class_, provenance, facts = house.explain(ANN, forged)
    assert (class_, provenance) == ("not-yours", "disproven") and {"not-sent", "wrote-to-recipient"} <= set(facts)
    # … but not of what she has got: others may have sent that to a list of hers.
    s.send(address("ann"), sender=address("ben"), headers="Message-ID: <three@client.test>\r\n")
    house.wait_for_mail("ann", 2)
    assert house.explain(ANN, forged.replace(b"two@client.test", b"three@client.test"))[1] == "unknown"
    # … and not of an address in whose name nothing was ever sent.
    of_partner = re.sub(rb"^To: .*?$", b"To: " + PARTNER.encode(), forged, count=1, flags=re.M)
    assert house.explain(ANN, of_partner)[1] == "unknown"

    s.kill()
    class_, provenance, facts = house.explain(ANN, notice)
    assert provenance == "unknown" and class_ == "genuine", "as on a laptop, and without a word about it"
    found = json.loads(s.run("explain", "--json", str(house.mail("ann")[0])))["verdict"]
    assert found["provenance"] == "proven", "root looks into the records"
    assert {"sent", "own-signature"} <= {e["fact"] for e in found["evidence"]}


def test_what_a_program_of_his_has_handed_in_is_his(house):
    """Whatever return path it has."""
    s = house.server
    sent = house.run(BEN, "-c", house.public / "conf", "sendmail", "-f", "robot@elsewhere.test", PARTNER,
                     text=b"Message-ID: <of-ben@client.test>\nSubject: mine\n\ntext\n")
    assert sent.returncode == 0, sent.stderr
    wait_for("his mail", lambda: house.hop.taken)
    notice = subprocess.run([PLAINPOST, "fake-bounce", "--as", "postfix", "--cause", "inbox-full"], capture_output=True,
                            check=True).stdout
    notice = re.sub(rb"^Message-ID: <.*?>", b"Message-ID: <of-ben@client.test>", notice, flags=re.M)
    assert house.explain(BEN, notice)[1] == "proven"
    assert house.explain(ANN, notice)[1] == "unknown"
    assert s.run("sent", "--id", "of-ben@client.test").startswith("Yes")


BARE = ("From: Mail Delivery System <MAILER-DAEMON@mx.partner.test>\r\nTo: <{to}>\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nThe message that you have sent did not reach its recipient.\r\n\r\n"
        f"{PARTNER}: 550 5.1.1 no such user\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.partner.test\r\n\r\n"
        f"Final-Recipient: rfc822; {PARTNER}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n")


def test_a_signed_return_path_proves_it_to_its_sender(house):
    s = house.server
    queue_id = s.send(PARTNER, sender=address("ann"))
    wait_for("the mail", lambda: house.hop.taken)
    tag = return_tags.make(SECRET, address("ann"), queue_id)
    with s.client(source_address=(OUTSIDE, 0)) as c:
        c.ehlo()
        c.mail("")
        assert c.rcpt(tag)[0] == 250
        assert c.data(BARE.format(to=address("ann")).encode())[0] == 250
    notice = house.wait_for_mail("ann", 1)
    assert tag.encode() in notice.split(b"\n\n")[0]
    class_, provenance, facts = house.explain(ANN, notice)
    assert (class_, provenance) == ("genuine", "proven") and "own-tag" in facts
    assert house.explain(ANN, notice, "--me", address("ann"))[1] == "proven"
    without = notice.replace(tag.encode(), address("ann").encode())
    assert "wrote-to-recipient" in house.explain(ANN, without)[2]

    # Of hers ben hears nothing: neither that it is true, nor of another that it is forged.
    forged = notice.replace(queue_id.encode(), b"1k18vnm3nvg")
    told = house.explain(ANN, forged)
    assert told[:2] == ("not-yours", "disproven") and "no-own-tag" in told[2]
    assert house.explain(BEN, notice) == house.explain(BEN, forged) == house.explain(BEN, without)
    assert house.explain(OPERATOR, forged, group=OPERATORS)[1] == "disproven"


def test_where_all_carry_a_tag_none_disproves_it_to_its_owner(house):
    """As it lies in the mailbox: how it came is in the records, and to others they tell nothing of it."""
    s = house.server
    s.send(PARTNER, sender=address("ann"))
    s.send(PARTNER, sender=address("ben"))
    wait_for("both", lambda: len(house.hop.taken) == 2)
    assert s.stop() == 0
    with sqlite3.connect(s.state / "ledger.sqlite") as db:  # as after months
        db.execute("UPDATE reach SET since = since - ?", (40 * 86400000,))
    db.close()
    os.utime(house.secrets, (time.time() - 29 * 86400,) * 2)
    s.start()
    with s.client(source_address=(OUTSIDE, 0)) as c:
        c.ehlo()
        c.mail("")
        assert c.rcpt(address("ann"))[0] == 250
        assert c.data(BARE.format(to=address("ann")).replace(PARTNER, "eve@partner.test").encode())[0] == 250
    notice = house.wait_for_mail("ann", 1)
    me, disproven = ("--me", address("ann")), ("not-yours", "disproven")
    told = house.explain(ANN, notice, *me)
    assert told[:2] == disproven and "no-own-tag" in told[2], told
    assert house.explain(OPERATOR, notice, *me, group=OPERATORS) == told
    assert house.explain(ANN, notice)[1] == "unknown", "she has not said whose it is"

    # To ben it is as if it had never come, whatever he makes of it.
    queue_id = re.search(rb"\bid (\w{11})\b", notice)[1]
    to_ben = notice.replace(address("ann").encode(), address("ben").encode())
    for text, whose in [(notice, "ann"), (notice, "ben"), (to_ben, "ben")]:
        words = ("--me", address(whose))
        hears = house.explain(BEN, text, *words)
        assert hears[1] == "unknown", hears
        assert hears == house.explain(BEN, text.replace(queue_id, b"1k18vnm3nvg"), *words)
    # Nor does the file tell it: she is not believed that another message, or none, was it.
    assert house.explain(ANN, notice.replace(queue_id, b"1k18vnm3nvg"), *me)[1] == "unknown"
    s.kill()
    [path] = house.mail("ann")
    found = json.loads(s.run("explain", "--json", *me, str(path)))["verdict"]
    assert (found["class"], found["provenance"]) == disproven, "root looks into the records"


ASK = """
import socket, sys, time
path, count = sys.argv[1], int(sys.argv[2])
def ask(lines):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(path)
        s.sendall(lines.encode() + b"\\n")
        return b"".join(iter(lambda: s.recv(4096), b"")).decode()
start = time.monotonic()
for _ in range(count):
    assert ask("evidence\\nnotice\\nmessage-id 1@client.test\\n") == "ok\\n- - - - - - - - \\nend\\n"
print(time.monotonic() - start)
print(ask("evidence\\n" + "notice\\n" * 65), end="")
print(ask("evidence\\nrecipient bob@partner.test\\n"), end="")
print(ask("evidence\\n"), end="")
"""


def test_who_asks_again_and_again_waits(house):
    """A user is answered 64 times at once, and then 32 times a second."""
    def ask(user, group):
        r = subprocess.run(["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--", "/usr/bin/python3",
                            "-c", ASK, house.public / "control", "112"], capture_output=True, text=True, timeout=60)
        assert r.returncode == 0, r.stderr
        seconds, *rest = r.stdout.splitlines()
        assert rest == ["ok", "error at most 64 notices can be asked about at once",
                        "ok", 'error "recipient" is told of no notice', "ok", "end"]
        return float(seconds)
    assert ask(ANN, ANN) >= 1.4
    ask(OPERATOR, OPERATORS)


@pytest.mark.parametrize("house", [(QUICK,)], indirect=True)  # without sanitizers: it is about time
def test_a_mailbox_of_notices_is_quickly_sorted(house):
    s = house.server
    s.send(address("ann"), sender=address("ann"))
    for n in range(20):
        s.send(PARTNER, sender=address("ann"), headers=f"Message-ID: <{n}@client.test>\r\n")
    notice = subprocess.run([PLAINPOST, "fake-bounce", "--as", "postfix", "--cause", "inbox-full", "--to", PARTNER,
                             "--from", address("ann")], capture_output=True, check=True).stdout
    box = mailbox.mbox(house.public / "box")
    date = email.utils.formatdate(time.time() + 7200).encode()
    for n in range(2000):
        text = re.sub(rb"^Date: .*?$", b"Date: " + date, notice, flags=re.M)
        box.add(re.sub(rb"^Message-ID: <.*?>", b"Message-ID: <%d@client.test>" % (n % 40), text, flags=re.M))
    box.close()
    (house.public / "box").chmod(0o644)
    start = time.monotonic()
    r = house.run(ANN, "triage", "--json", house.public / "box")
    took = time.monotonic() - start
    assert not r.stderr, r.stderr
    piles = {p["pile"]: p["notices"] for p in json.loads(r.stdout)["piles"]}
    assert piles == {"yours": 1000, "forged": 1000}, piles
    assert took < 20, took
