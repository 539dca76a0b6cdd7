"""plainpost fake-bounce: the notices of six systems, read back by plainpost explain and by Sisimai."""
import json
import re
import subprocess

import pytest
from conftest import PLAINPOST, QUICK

SYSTEMS = ("plainpost", "postfix", "gmail", "exchange", "exim", "qmail")
DATE = "2026-11-24T11:44:03Z"


def fake(*words):
    r = subprocess.run([QUICK, "fake-bounce", *words], capture_output=True, text=True, timeout=30)
    assert "Sanitizer" not in r.stderr and "runtime error" not in r.stderr, r.stderr
    return r


def notice(*words):
    r = fake("--date", DATE, *words)
    assert r.returncode == 0 and not r.stderr, r.stderr
    return r.stdout


def causes(system):
    lines = fake("--as", system, "--cause", "list").stdout.splitlines()
    assert all(re.fullmatch(r"[a-z/-]+ +[A-Z].*", line) for line in lines)
    return [line.split()[0] for line in lines]


def explain(files):
    r = subprocess.run([PLAINPOST, "explain", "--json", *files], capture_output=True, text=True, timeout=60)
    return [json.loads(line) for line in r.stdout.splitlines()]


def written(folder, system, *words):
    """A file for each cause of the system; the causes, in the order of the files."""
    names = causes(system)
    for number, cause in enumerate(names):
        (folder / f"{number:02}.eml").write_text(notice("--as", system, "--cause", cause, *words))
    return names, sorted(folder.glob("*.eml"))


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_cause_is_read_back(system, tmp_path):
    """src/bounce/fake_test.c looks at status and variant too, and at every kind."""
    names, files = written(tmp_path, system)
    assert len({n.split("/")[0] for n in names}) == 15
    for name, found in zip(names, explain(files), strict=True):
        recipient, = found["recipients"]
        assert (found["kind"], recipient["address"], recipient["action"], recipient["cause"]) == \
            ("failure", "bob@example.net", "failed", name.split("/")[0]), name
        assert found["verdict"]["class"] == "genuine" and found["date"] == "2026-11-24T11:44:03.000Z", name
        assert found["original"]["subject"] == "Minutes of Monday", name


@pytest.mark.parametrize("system", ["postfix", "gmail", "exchange", "exim"])
def test_a_delay_is_one(system, tmp_path):
    (tmp_path / "a").write_text(notice("--as", system, "--cause", "inbox-full", "--kind", "delay"))
    found, = explain([tmp_path / "a"])
    recipient, = found["recipients"]
    assert found["kind"] == "delay" and recipient["action"] == "delayed" and not recipient["permanent"]
    # A warning of Exchange does not say why.
    assert recipient["cause"] == ("could-not-reach" if system == "exchange" else "inbox-full")


@pytest.mark.parametrize("system", ["postfix", "exchange", "exim"])
def test_a_success_is_one(system, tmp_path):
    (tmp_path / "a").write_text(notice("--as", system, "--kind", "success"))
    found, = explain([tmp_path / "a"])
    assert found["kind"] == "success" and found["recipients"][0]["action"] == "relayed"


def test_who_wrote_to_whom():
    words = ("--as=exim", "--cause=too-many/rate", "--to=carol@shop.example", "--from", "dave@mail.test")
    text = notice(*words)
    assert "X-Failed-Recipients: carol@shop.example\n" in text and "To: dave@mail.test\n" in text
    assert "Date: Tue, 24 Nov 2026 11:44:03 +0000\n" in text and "bob@" not in text and "alice@" not in text
    assert text == notice(*words) and "\r" not in text


@pytest.mark.parametrize("words, parts", [
    ((), ("what is the cause?", "use it as: plainpost fake-bounce")),
    (("--cause",), ("--cause wants a value",)),
    (("--cause", "inbox"), ("there is no such cause", "--cause list")),
    (("--as", "sendmial", "--cause", "loop"), ("the systems are plainpost, postfix, gmail, exchange, exim, qmail",)),
    (("--kind", "lost", "--cause", "loop"), ('"failure", "delay", "success", "recovered" or "double-bounce"',)),
    (("--date", "soon", "--cause", "loop"), ("2026-11-24T11:44:03Z",)),
    (("--lang", "tlh", "--cause", "loop"), ("--lang tlh",)),
    (("--cause", "loop", "now"), ("use it as: plainpost fake-bounce",)),
    (("--cause", "loop", "--to", "bob@plainpost.org"), ("bob@plainpost.org may be somebody's", ".example")),
    (("--cause", "loop", "--from", "bob"), ('"bob" is no mail address',)),
    (("--as", "exim", "--kind", "recovered"), ("only plainpost writes notices of this kind",)),
    (("--as", "qmail", "--cause", "loop", "--kind", "delay"), ("qmail writes no notices of the kind delay",)),
    (("--as", "postfix", "--cause", "loop", "--lang", "de"), ("English only",)),
    (("--as", "qmail", "--cause", "loop/spam"), ("never says loop/spam", "--as qmail --cause list")),
])
def test_what_can_t_be_meant_so(words, parts):
    r = fake(*words)
    assert r.returncode == 2 and not r.stdout and r.stderr.startswith("plainpost: "), r.stderr
    for part in parts:
        assert part in r.stderr, r.stderr
