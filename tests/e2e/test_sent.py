"""Did this message leave from here? The ledger answers: to an operator, to a user of the machine, and to explain."""
import email.utils
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import pytest
from conftest import DOMAIN, PLAINPOST, wait_for
from hop import Hop

ALICE, PARTNER = f"alice@{DOMAIN}", "bob@partner.test"
USER = 65534  # nobody: he has an account
OPEN = "trusted 127.0.0.0/8\nroute partner.test 127.0.0.1:{port}\n"


def refuse(address):
    return "552 5.2.2 user is over quota" if address.startswith("full@") else None


@pytest.fixture
def hop():
    with Hop(refuse) as h:
        yield h


def header(message_id, seconds_ago=0):
    return f"Message-ID: <{message_id}>\r\nDate: {email.utils.formatdate(time.time() - seconds_ago)}\r\n"


def sent(server, *words):
    r = server.run("sent", "--json", *words, check=False)
    assert r.returncode in (0, 1), r.stderr
    found = json.loads(r.stdout)
    assert (r.returncode == 0) == bool(found["sent"])
    return found


def verdict(server, notice, *words):
    r = subprocess.run([PLAINPOST, "-c", server.config, "explain", "--json", *words], input=notice, capture_output=True,
                       timeout=30)
    v = json.loads(r.stdout)["verdict"]
    return v["class"], v["confidence"], v["provenance"], [e["fact"] for e in v["evidence"]]


def test_what_was_sent(make_server, hop):
    s = make_server(OPEN.format(port=hop.port))
    assert sent(s, "--to", PARTNER) == {"since": None, "sent": []}
    first = s.send([PARTNER, f"bob@{DOMAIN}"], "one", headers=header("one@client.test"))
    s.send(f"bob@{DOMAIN}", "two", headers=header("two@client.test"))
    s.wait_for_word(first, "relayed")

    found = sent(s, "--to", PARTNER.upper())
    assert len(found["sent"]) == 1 and found["since"]
    m = found["sent"][0]
    assert (m["id"], m["account"], m["from"], m["recipients"]) == (first, "127.0.0.1", ALICE, 2)
    assert (m["to"], m["event"], m["subject"]) == (PARTNER, "relayed", "one")
    for name in ("<one@client.test>", "one@client.test", first):
        assert [m["id"] for m in sent(s, "--id", name)["sent"]] == [first]
        assert not sent(s, "--id", name, "--to", "eve@partner.test")["sent"]
    assert len(sent(s, "--to", f"bob@{DOMAIN}")["sent"]) == 2
    assert len(sent(s, "--to", f"bob@{DOMAIN}", "--from", ALICE)["sent"]) == 2
    assert not sent(s, "--to", f"bob@{DOMAIN}", "--from", "eve@home.test")["sent"]

    yes = s.run("sent", "--to", PARTNER)
    assert yes.startswith(f"Yes: it was sent from here to {PARTNER}.\n") and f"plainpost trace {first}" in yes
    assert f"127.0.0.1, as {ALICE}, to 2 recipients, “one”" in yes
    no = s.run("sent", "--to", "eve@partner.test", check=False)
    assert no.returncode == 1 and no.stdout.startswith("No: nothing was sent from here to eve@partner.test since ")
    wrong = s.run("sent", check=False)
    assert wrong.returncode == 2 and "--to ADDRESS" in wrong.stderr

    s.kill()  # the records tell it without the server, too
    assert [m["id"] for m in sent(s, "--to", PARTNER)["sent"]] == [first]


def test_mail_of_strangers_was_not_sent_from_here(make_server):
    s = make_server("trusted 192.0.2.0/24\n")
    queue_id = s.send(f"bob@{DOMAIN}", headers=header("one@client.test"))  # as alice, who would know?
    s.wait_for_word(queue_id, "delivered")
    assert not sent(s, "--id", "one@client.test")["sent"] and not sent(s, "--to", f"bob@{DOMAIN}")["sent"]


def test_explain_knows_what_was_sent(make_server, hop):
    s = make_server(OPEN.format(port=hop.port))
    s.send(f"bob@{DOMAIN}", headers=header("0@client.test"))  # the ledger begins
    s.send("full@partner.test", "Minutes", headers=header("one@client.test"))
    ours = s.wait_for_mail("alice")[0].as_bytes()
    assert verdict(s, ours)[:3] == ("genuine", "certain", "proven")
    assert verdict(s, ours, "--me", ALICE)[:3] == ("genuine", "certain", "proven")
    assert verdict(s, ours, "--me", f"bob@{DOMAIN}")[2] != "proven"

    forged = ours.replace(b"one@client.test", b"two@client.test")
    assert verdict(s, forged)[2] == "unknown"  # it may have been sent just before the ledger began
    later = email.utils.formatdate(time.time() + 7200).encode()
    written = email.message_from_bytes(ours)
    date = next(p for p in written.walk() if p.get_content_type() == "message/rfc822").get_payload(0)["Date"].encode()
    class_, confidence, provenance, facts = verdict(s, forged.replace(date, later))
    assert (class_, confidence, provenance) == ("not-yours", "very-likely", "disproven") and "not-sent" in facts
    elsewhere = forged.replace(date, later).replace(ALICE.encode(), b"ann@elsewhere.test")
    assert verdict(s, elsewhere)[2] == "unknown"  # of whose mail the ledger knows nothing

    piles = json.loads(subprocess.run([PLAINPOST, "-c", s.config, "triage", "--json"], input=ours, capture_output=True,
                                      timeout=30).stdout)
    assert [p["pile"] for p in piles["piles"]] == ["yours"]


@pytest.fixture
def public():
    """A folder that other users can reach; pytest's they can't."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="plainpost-sent-"))
    path.chmod(0o755)
    shutil.copy(PLAINPOST, path / "plainpost")
    yield path
    shutil.rmtree(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="other users are needed, and only root can be them")
def test_users_hear_of_what_they_have_sent(make_server, hop, public):
    aliases = public / "aliases"
    aliases.write_text(f"team@{DOMAIN}: hidden@partner.test\n")
    s = make_server(OPEN.format(port=hop.port) +
                    f"control {public}/control\ndrop {public}/drop\naliases {aliases}\noperators daemon\n")
    shutil.copy(s.config, public / "conf")
    (public / "conf").chmod(0o644)

    def as_user(*words, stdin=None):
        return subprocess.run([public / "plainpost", "-c", public / "conf", *words], input=stdin, capture_output=True,
                              text=True, timeout=60, user=USER, group=USER, extra_groups=())
    s.send(PARTNER, headers=header("of-alice@client.test"))
    assert as_user("sendmail", "full@partner.test", f"team@{DOMAIN}", stdin="Subject: mine\n\ntext\n").returncode == 0
    own = wait_for("his mail", lambda: sent(s, "--to", "full@partner.test")["sent"])[0]["id"]

    told = as_user("sent", "--to", "full@partner.test")
    assert told.returncode == 0 and told.stdout.startswith("Yes: you have sent it to full@partner.test.\n"), told.stderr
    assert json.loads(as_user("sent", "--json", "--id", own).stdout)["of_user"] == USER
    for asked in (("--to", PARTNER), ("--id", "of-alice@client.test"), ("--to", "hidden@partner.test")):
        assert sent(s, *asked)["sent"]
        told = as_user("sent", *asked)
        assert told.returncode == 1 and told.stdout.startswith("No: you have sent nothing "), told.stderr
