"""plainpost triage: a mailbox of notices sorted out, moved into folders, and put back, whatever happens meanwhile."""
import collections
import datetime
import fcntl
import json
import mailbox
import os
import pathlib
import pty
import re
import resource
import shutil
import signal
import subprocess
import tempfile

import peer_dovecot
import pytest
from conftest import PLAINPOST, QUICK, ROOT

NOTICE = """Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: alice@example.org
Subject: Undelivered Mail Returned to Sender
Date: {date}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

<{to}>: host mx.example.com[192.0.2.7] said: {said} (in reply to RCPT TO command)

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {to}
Action: failed
Status: {status}
Diagnostic-Code: smtp; {said}

--b
Content-Type: text/rfc822-headers

From: {sender}
To: {to}
Subject: {subject}
Message-ID: <{id}>

--b--
"""
LETTER = "From: Dave <dave@example.com>\nTo: alice@example.org\nSubject: Lunch?\n\nNoon?\nFrom now on\n"
START = datetime.datetime(2026, 11, 24, 8, tzinfo=datetime.timezone.utc)
FOLDERS = ["Notices.Forged", "Notices.Replies", "Notices.Tricks", "Notices.Yours"]


def forged(i, **fields):
    return NOTICE.format(**{
        "date": (START + datetime.timedelta(minutes=10 * i)).strftime("%a, %d %b %Y %H:%M:%S +0000"),
        "to": f"user{i % 50}@example.com", "said": "550 5.1.1 no such user", "status": "5.1.1",
        "sender": "alice@example.org", "subject": f"Offer {i}", "id": f"x{i}@host{i % 17}.example.net", **fields})


def mine(i):
    return forged(i, to="bob@example.com", said="552 5.2.2 over quota", status="5.2.2", subject="Lunch",
                  id=f"mine{i}@example.org")


def everything(count=200):
    samples = [*sorted((ROOT / "demo" / "notices").glob("*.eml")), *sorted((ROOT / "tests" / "dialects").glob("*.eml"))]
    return [*(forged(i).encode() for i in range(count)), *(mine(i).encode() for i in range(3)), LETTER.encode(),
            *(f.read_bytes() for f in samples)]


def readme_mail():
    demo = ROOT / "demo" / "notices"
    return [*(forged(i).encode() for i in range(409)), *(mine(i).encode() for i in range(3)), LETTER.encode(),
            *((demo / name).read_bytes() for name in ("08-trick.eml", "09-automatic-reply.eml"))]


def make_maildir(path, messages):
    """Half of them read, one with a flag; names in the order of the messages."""
    for sub in ("cur", "new", "tmp"):
        (path / sub).mkdir(parents=True)
    for i, m in enumerate(messages):
        name = f"cur/{1795510000 + i}.M{i}P1.host:2,{'FS' if i == 0 else 'S'}" if i % 2 == 0 else \
            f"new/{1795510000 + i}.M{i}P1.host"
        (path / name).write_bytes(m)
    return path


def make_mbox(path, messages):
    box = mailbox.mbox(path)
    for m in messages:
        box.add(m)
    box.close()
    return path


@pytest.fixture
def sent(tmp_path):
    return make_mbox(tmp_path / "sent", [f"From: alice@example.org\nMessage-ID: <mine{i}@example.org>\n\ntext\n"
                                         for i in range(3)])


def triage(*words, environment=None, check=None, **more):
    r = subprocess.run([PLAINPOST, "triage", *map(str, words)], capture_output=True, text=True, timeout=100,
                       env={**os.environ, "TZ": "UTC", **(environment or {})}, stdin=subprocess.DEVNULL, **more)
    assert "Sanitizer" not in r.stderr, r.stderr
    assert check is None or r.returncode == check, (r.returncode, r.stderr)
    return r


def picture(path):
    """All files of it with what is in them."""
    return {str(f.relative_to(path)): f.read_bytes() for f in sorted(path.rglob("*")) if f.is_file()}


def messages_of(path):
    """Every message of a Maildir and its folders, or of an mbox and its siblings, as often as it is there."""
    if path.is_dir():
        return collections.Counter(f.read_bytes() for s in ("cur", "new") for f in path.rglob(f"{s}/*"))
    boxes = [path, *(path.with_name(f"{path.name}.{f}") for f in FOLDERS)]
    return collections.Counter(m.as_bytes() for b in boxes if b.exists() for m in mailbox.mbox(b))


# ---- what is said

def test_as_text(tmp_path, sent):
    box = make_maildir(tmp_path / "box", [*(forged(i).encode() for i in range(409)), *(mine(i).encode() for i in range(3)),
                                          LETTER.encode()])
    text = triage("--sent", sent, box, check=0).stdout
    first = text.splitlines()
    assert first[0] == "412 notices since Tue 24 Nov 2026"
    assert first[1].split() == "3 about mail of yours: there is proof that you sent it".split()
    assert first[2].startswith("    409  about mail that you did not send: somebody forges your address")
    plain = " ".join(text.split())
    for piece in ["Many at once Somebody sends mail with your address on it", "The mail was for 50 different recipients.",
                  "Of 409 notices it is known that the mail was not yours.",
                  "Inbox full (3) bob@example.com (3)", "Who must act: The recipient.",
                  "Tue 24 Nov 2026 ▪▪▪", "Delete the notice; there is no need to answer it.", "1 other messages"]:
        assert piece in plain, piece
    assert text.endswith("\nTo have them sorted into folders, add --move; --undo puts them back.\n")
    narrow = triage("--width=50", box).stdout.splitlines()
    assert max(len(line) for line in narrow if str(box) not in line) <= 50
    assert "\033[" in triage("--color=always", box).stdout and "\033" not in text
    assert triage("--lang=de", box).stdout.startswith("412 Meldungen seit Di., 24. November 2026")
    assert triage("--lang=pl", box).stdout.startswith("412 powiadomień od wt. 24 listopada 2026")


def test_the_readme_is_true(tmp_path, sent):
    make_maildir(tmp_path / "Maildir", readme_mail())
    said = triage("--sent", "sent", "Maildir", cwd=tmp_path, check=0).stdout
    sample = (ROOT / "README.md").read_text().split("    $ plainpost triage --sent Sent Maildir\n")[1].split("\n\n…")[0]
    assert len(sample) > 500 and said.startswith(sample.replace("\n    ", "\n").removeprefix("    "))


def test_without_proof_nothing_is_not_yours(tmp_path):
    box = make_maildir(tmp_path / "box", [forged(i).encode() for i in range(60)])
    d = json.loads(triage("--json", box, check=0).stdout)
    assert [(p["pile"], p["notices"]) for p in d["piles"]] == [("unproven", 60)] and d["storm"]["storm"] == "likely-forged"
    text = " ".join(triage(box).stdout.split())
    assert "There is no proof yet." in text and "--sent FOLDER" in text and "not yours" not in text.split("Without proof")[1]
    (box / ".Sent" / "cur").mkdir(parents=True)
    assert f"--sent{box}/.Sent." in "".join(triage(box).stdout.split())
    d = json.loads(triage("--json", "--me", "eve@example.org", box).stdout)
    assert d["piles"][0]["pile"] == "forged" and d["piles"][0]["confidence"] == "likely"


def test_as_json(tmp_path, sent):
    """The fields that doc/triage-json.md has, with their types, and no others."""
    known = dict(re.findall(r"^\| `([\w.\[\]`, ]+)` \| (\w+)", (ROOT / "doc" / "triage-json.md").read_text(), flags=re.M))
    types = {"integer": int, "text": str, "time": str, "day": str, "object": dict, "objects": list, "texts": list}
    known = {name: types[t] for names, t in known.items() for name in re.split("`, `", names)}
    box = make_maildir(tmp_path / "box", everything())
    d = json.loads(triage("--json", "--for", "operator", "--sent", sent, box, check=0).stdout)
    met = set()

    def look(value, path):
        if isinstance(value, dict):
            for name, inner in value.items():
                whole = f"{path}.{name}".lstrip(".")
                assert whole in known, f"{whole} is not described"
                assert type(inner) is known[whole], whole
                met.add(whole)
                look(inner, whole)
        elif isinstance(value, list):
            for inner in value:
                look(inner, path + "[]")
    look(d, "")
    assert d["version"] == 1 and d["messages"] == len(everything()) and d["notices"] == sum(p["notices"] for p in d["piles"])
    assert {"piles[].causes[].recipients[].address", "piles[].days[].day", "storm.systems", "piles[].steps",
            "piles[].causes[].checks"} <= met
    yours, = [p for p in d["piles"] if p["pile"] == "yours"]
    assert yours["causes"][0]["cause"] == "inbox-full" and yours["causes"][0]["recipients"][0] == \
        {"address": "bob@example.com", "notices": 3}


def test_from_anywhere(tmp_path):
    r = subprocess.run([PLAINPOST, "triage"], input=forged(1), capture_output=True, text=True, timeout=30)
    assert r.returncode == 0 and r.stdout.startswith("1 notice since") and "--move" not in r.stdout
    assert triage(ROOT / "demo" / "notices", check=0).stdout.startswith("10 notices")


@pytest.mark.parametrize("words, says, status", [
    (["--html"], "there is no option --html; use it as: plainpost triage", 64),
    (["--move"], "--move wants a Maildir", 64), (["--undo"], "--undo wants the mailbox", 64),
    (["--me", "alice"], "this is no mail address", 64), (["/nowhere/at/all"], "/nowhere/at/all", 66),
    (["--move", "--yes", ROOT / "demo" / "notices"], "is neither a Maildir nor an mbox file", 66),
    (["--move", "--yes", ROOT / "README.md"], "is neither a Maildir nor an mbox file", 66),
    (["--sent", "/nowhere/at/all", ROOT / "demo"], "/nowhere/at/all", 66)])
def test_what_can_t_be_meant_so(words, says, status):
    r = triage(*words, check=status)
    assert says in r.stderr and not r.stdout


def test_memory_does_not_grow_with_the_mailbox(tmp_path):
    """20,000 notices to 20,000 recipients take little more than 2,000."""
    def peak(count):
        with open(tmp_path / "mbox", "w") as f:
            for i in range(count):
                f.write(f"From MAILER-DAEMON Tue Nov 24 08:00:00 2026\n{forged(i, to=f'user{i}@example.com')}\n")
        sizes = {"ASAN_OPTIONS": "quarantine_size_mb=4:malloc_context_size=1"}
        process = subprocess.Popen([QUICK, "triage", tmp_path / "mbox"], stdout=subprocess.DEVNULL,
                                   env={**os.environ, **sizes})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        assert status == 0
        return usage.ru_maxrss // 1024  # MB
    small, large = peak(2000), peak(20000)
    assert large < small + 30, f"{small} MB, {large} MB"


# ---- moved, and back

def test_a_maildir(tmp_path, sent):
    box = make_maildir(tmp_path / "box", everything())
    (box / "subscriptions").write_text("V\t2\n\nSent\n")
    before = picture(box)
    r = triage("--move", "--yes", "--sent", sent, box, check=0)
    assert "→" in r.stderr and "Notices.Forged" in r.stderr and "were moved" in r.stdout
    folders = {f.name[1:]: picture(f) for f in box.glob(".*")}
    assert sorted(folders) == FOLDERS
    d = json.loads(triage("--json", "--sent", sent, box, *box.glob(".Notices.*")).stdout)
    counts = {p["pile"]: p["notices"] for p in d["piles"]}
    for folder, files in folders.items():
        assert "maildirfolder" in files and (box / f".{folder}" / "tmp").is_dir()
        names = [n for n in files if n != "maildirfolder"]
        assert len(names) == {"Notices.Forged": counts["forged"] + counts.get("spam", 0), "Notices.Yours": counts["yours"],
                              "Notices.Tricks": counts["tricks"], "Notices.Replies": counts["replies"]}[folder]
        assert all(files[n] == before[n] for n in names), "read and unread, flags, contents are kept"
    assert (box / "subscriptions").read_text() == "V\t2\n\nSent\n" + "".join(
        "Notices\t" + f.split(".")[1] + "\n" for f in ("Notices.Yours", "Notices.Forged", "Notices.Tricks", "Notices.Replies"))
    r = triage("--undo", box, check=0)
    assert "were put back" in r.stdout and picture(box) == before
    r = triage("--undo", box, check=75)
    assert "nothing was moved out of it" in r.stderr


def test_a_maildir_that_others_use_meanwhile(tmp_path, sent):
    """Flags that were set in the folders, mail that was deleted or has come: all of it holds."""
    box = make_maildir(tmp_path / "box", everything(20))
    triage("--move", "--yes", "--sent", sent, box, check=0)
    there = box / ".Notices.Forged"
    read = next((there / "new").iterdir())
    read.rename(there / "cur" / f"{read.name}:2,RS")
    gone = sorted((there / "cur").iterdir())[0]
    gone.unlink()
    (box / "new" / "later.host").write_text(LETTER)
    kept = there / "cur" / "other.host:2,"
    kept.write_text(LETTER)
    r = triage("--undo", box, check=0)
    assert "1 had been moved on or deleted by somebody else." in r.stdout
    assert (box / "cur" / f"{read.name}:2,RS").exists() and (box / "new" / "later.host").exists()
    assert kept.exists() and (there / "tmp").is_dir() and not (box / ".Notices.Yours").exists()
    assert messages_of(box).total() == len(everything(20)) + 2 - 1


def test_a_folder_of_a_maildir(tmp_path, sent):
    make_maildir(tmp_path / "box", [])
    box = make_maildir(tmp_path / "box" / ".Work", [mine(1).encode()])
    triage("--move", "--yes", "--sent", sent, box, check=0)
    assert picture(tmp_path / "box" / ".Work.Notices.Yours")
    triage("--undo", box, check=0)
    assert sorted(f.name for f in (tmp_path / "box").iterdir()) == [".Work", "cur", "new", "tmp"]


@pytest.mark.parametrize("end", ["\n\n", "\n", ""])
def test_an_mbox(tmp_path, sent, end):
    box = make_mbox(tmp_path / "inbox", [*everything(), mine(1)])
    box.write_bytes(box.read_bytes().rstrip(b"\n") + end.encode())
    box.chmod(0o640)
    before, all_of_them = box.read_bytes(), messages_of(box)
    r = triage("--move", "--yes", "--sent", sent, box, check=0)
    assert "were moved" in r.stdout
    assert sorted(f.name for f in tmp_path.glob("inbox*")) == ["inbox", *(f"inbox.{f}" for f in FOLDERS), "inbox.plainpost-triage"]
    assert messages_of(box).total() == all_of_them.total()
    assert len(mailbox.mbox(tmp_path / "inbox.Notices.Yours")) == 4 and (tmp_path / "inbox.Notices.Yours").stat().st_mode & 0o777 == 0o640
    assert len(mailbox.mbox(box)) < 100
    triage("--undo", box, check=0)
    assert box.read_bytes() == before and box.stat().st_mode & 0o777 == 0o640
    assert sorted(f.name for f in tmp_path.glob("inbox*")) == ["inbox"]


def test_an_mbox_that_others_use_meanwhile(tmp_path, sent):
    """A mail program marks all as read, and deletes one; new mail comes; what was there before stays."""
    box = make_mbox(tmp_path / "inbox", [LETTER, mine(0), forged(1), LETTER.replace("Noon", "One"), forged(2), mine(2)])
    folder = make_mbox(tmp_path / "inbox.Notices.Forged", [forged(7), forged(1)])  # the like of one that will be moved
    triage("--move", "--yes", "--sent", sent, box, check=0)
    for path in (box, folder):
        b = mailbox.mbox(path)
        for key, m in b.items():
            m.set_flags("RO")
            b[key] = m
        b.close()
    b = mailbox.mbox(tmp_path / "inbox.Notices.Yours")
    b.remove(0)
    b.close()
    b = mailbox.mbox(box)
    b.add(LETTER.replace("Noon", "Later"))
    b.close()
    r = triage("--undo", box, check=0)
    assert "3 messages were put back. 1 had been moved on or deleted" in r.stdout
    subjects = [(m["Subject"], re.sub("Message-ID.*|\\s", "", m.as_string()[-12:])) for m in mailbox.mbox(box)]
    assert [s for s, _ in subjects] == ["Lunch?", "Undelivered Mail Returned to Sender", "Lunch?",
                                        "Undelivered Mail Returned to Sender", "Undelivered Mail Returned to Sender", "Lunch?"]
    assert "Later" in mailbox.mbox(box)[5].as_string() and "Offer 1" in mailbox.mbox(box)[1].as_string()
    assert [re.search("Offer \\d", m.as_string()).group() for m in mailbox.mbox(folder)] == ["Offer 7", "Offer 1"]


def test_nobody_is_asked_and_nothing_moves(tmp_path, sent):
    box = make_maildir(tmp_path / "box", everything(5))
    before = picture(tmp_path)
    r = triage("--move", "--sent", sent, box, check=1)
    assert "nothing was moved: there is nobody to ask here; say --yes to do it" in r.stderr
    assert "8  → " in r.stderr or "→" in r.stderr
    r = triage("--move", box.with_name("sent"), check=0)
    assert "there is nothing to move" in r.stderr
    assert picture(tmp_path) == before


@pytest.mark.parametrize("answer, moves", [("y", True), ("n", False), ("", False)])
def test_a_person_is_asked(tmp_path, sent, answer, moves):
    box = make_maildir(tmp_path / "box", everything(5))
    before = picture(box)
    person, terminal = pty.openpty()
    process = subprocess.Popen([PLAINPOST, "triage", "--move", "--sent", sent, box], stdin=terminal, stdout=terminal,
                               stderr=terminal)
    os.close(terminal)
    said = b""
    while b"Go on? [y/N]" not in said:
        said += os.read(person, 4096)
    assert b"To be moved out of" in said and picture(box) == before
    os.write(person, answer.encode() + b"\n")
    assert process.wait(30) == (0 if moves else 1)
    assert (picture(box) != before) == moves
    os.close(person)


def test_other_programs_locks(tmp_path, sent):
    box = make_mbox(tmp_path / "inbox", everything(5))
    before = picture(tmp_path)
    lock = tmp_path / "inbox.lock"
    lock.write_text("4711\n")
    r = triage("--move", "--yes", "--sent", sent, box, check=75)
    assert "another program has locked it" in r.stderr and str(lock) in r.stderr
    lock.unlink()
    with open(box, "r+") as f:
        fcntl.lockf(f, fcntl.LOCK_EX)
        triage("--move", "--yes", "--sent", sent, box, check=75)
    assert picture(tmp_path) == before
    lock.write_text("plainpost triage\n")  # of one that was killed
    triage("--move", "--yes", "--sent", sent, box, check=0)
    triage("--undo", box, check=0)
    assert picture(tmp_path) == before
    make_mbox(tmp_path / "inbox.Notices.Yours", [LETTER])
    (tmp_path / "inbox.Notices.Yours.lock").write_text("4711\n")
    before = picture(tmp_path)
    triage("--move", "--yes", "--sent", sent, box, check=75)
    assert picture(tmp_path) == before, "a folder that is in use: nothing moves, nothing is left behind"


def test_what_is_no_plain_file(tmp_path, sent):
    box = make_mbox(tmp_path / "inbox", everything(5))
    (tmp_path / "link").symlink_to(box)
    triage("--move", "--yes", "--sent", sent, tmp_path / "link", check=0)
    assert (tmp_path / "link").is_symlink() and (tmp_path / "inbox.Notices.Yours").exists()
    triage("--undo", tmp_path / "link", check=0)
    os.link(box, tmp_path / "second")
    triage("--move", "--yes", "--sent", sent, box, check=75)
    r = triage("--move", "--yes", box, box, check=66)
    assert "is named twice" in r.stderr


def test_a_full_disk_leaves_no_lock(tmp_path, sent):
    box = make_mbox(tmp_path / "box", everything(20))
    before = picture(tmp_path)

    def no_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    r = triage("--move", "--yes", "--sent", sent, box, check=75, preexec_fn=no_room)
    assert "box: it can't be locked: File too large" in r.stderr
    assert picture(tmp_path) == before


@pytest.fixture
def others_home():
    """Where another user can go, unlike into the tests' own directories."""
    home = pathlib.Path(tempfile.mkdtemp(prefix="plainpost-triage-"))
    home.chmod(0o755)
    yield home
    shutil.rmtree(home)


OTHER = 42101  # nobody's id on any machine


def give(path):
    for p in [path, *path.rglob("*")]:
        os.chown(p, OTHER, OTHER, follow_symlinks=False)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become other users")
@pytest.mark.parametrize("make", [make_maildir, make_mbox])
def test_root_sorts_as_the_owner(others_home, sent, make):
    home = others_home / "mail"
    home.mkdir()
    box = make(home / "box", everything(20))
    give(home)
    before = messages_of(box)
    triage("--move", "--yes", "--sent", sent, box, check=0)
    assert messages_of(box) == before
    assert {(f.stat().st_uid, f.stat().st_gid) for f in home.rglob("*")} == {(OTHER, OTHER)}
    triage("--undo", box, check=0)
    assert messages_of(box) == before and not list(home.rglob("*Notices*"))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become other users")
def test_root_is_not_led_elsewhere(others_home, sent):
    box = make_maildir(others_home / "box", everything(20))
    elsewhere = others_home / "elsewhere"
    elsewhere.mkdir()
    make_maildir(box / ".Notices.Forged", [])
    (box / ".Notices.Forged" / "new").rmdir()
    (box / ".Notices.Forged" / "new").symlink_to(elsewhere)
    give(box)
    before = picture(box)
    r = triage("--move", "--yes", "--sent", sent, box, check=75)
    assert "Permission denied" in r.stderr
    assert not list(elsewhere.iterdir()) and picture(box) == before


def test_an_mbox_that_changes_meanwhile(tmp_path, sent):
    """While the person is asked, mail comes: nothing is touched."""
    box = make_mbox(tmp_path / "inbox", everything(5))
    person, terminal = pty.openpty()
    process = subprocess.Popen([PLAINPOST, "triage", "--move", "--sent", sent, box], stdin=terminal, stderr=terminal,
                               stdout=subprocess.DEVNULL)
    os.close(terminal)
    said = b""
    while b"Go on? [y/N]" not in said:
        said += os.read(person, 4096)
    b = mailbox.mbox(box)
    b.add(LETTER)
    b.close()
    before = picture(tmp_path)
    os.write(person, b"y\n")
    while b"Try again" not in said:
        said += os.read(person, 4096)
    assert process.wait(30) == 75 and b"another program has changed it meanwhile" in said
    os.close(person)
    assert picture(tmp_path) == before


# ---- killed

@pytest.fixture(scope="session")
def shim(tmp_path_factory):
    library = tmp_path_factory.mktemp("shim") / "killed.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", library,
                    ROOT / "tests" / "shims" / "killed.c", "-ldl"], check=True, timeout=60)
    return library


@pytest.mark.parametrize("make", [make_maildir, make_mbox], ids=["maildir", "mbox"])
@pytest.mark.parametrize("dies", ["move", "undo"])
def test_killed_at_any_moment(tmp_path, sent, shim, make, dies):
    """Whatever call is the last one: nothing is lost, and --undo brings back what was there, once."""
    messages = [forged(0).encode(), LETTER.encode(), mine(0).encode(), forged(1).encode(), forged(0).encode()]
    place = tmp_path / "place"
    move = ["--move", "--yes", "--sent", sent, place / "box"]
    deaths = 0
    for at in range(1, 1000):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        box = make(place / "box", messages)
        before, all_of_them = picture(place), set(messages_of(box))
        if dies == "undo":
            triage(*move, check=0)
        r = triage(*(move if dies == "move" else ["--undo", box]), environment={
            "LD_PRELOAD": str(shim), "PLAINPOST_TEST_KILL_AT": str(at), "ASAN_OPTIONS": "verify_asan_link_order=0"})
        if r.returncode == 0:
            break
        assert r.returncode == -signal.SIGKILL, r.stderr
        deaths += 1
        assert set(messages_of(box)) >= all_of_them, f"lost at call {at}"
        r = triage("--undo", box)
        assert r.returncode == 0 or "nothing was moved out of it" in r.stderr, r.stderr
        now = {name: text for name, text in picture(place).items() if not name.endswith((".new", ".lock"))}
        if "plainpost-triage" not in str(now):
            assert now == before, f"at call {at}"
    assert r.returncode == 0 and deaths > 10


def test_an_interrupted_move_is_put_back_first(tmp_path, sent, shim):
    box = make_maildir(tmp_path / "box", everything(5))
    r = triage("--move", "--yes", "--sent", sent, box, environment={
        "LD_PRELOAD": str(shim), "PLAINPOST_TEST_KILL_AT": "30", "ASAN_OPTIONS": "verify_asan_link_order=0"})
    assert r.returncode == -signal.SIGKILL
    r = triage("--move", "--yes", "--sent", sent, box, check=66)
    assert "an earlier move was interrupted; put it back first: plainpost triage --undo" in r.stderr
    triage("--undo", box, check=0)
    triage("--move", "--yes", "--sent", sent, box, check=0)
    triage("--move", "--yes", "--sent", sent, box, check=0)  # nothing is left to be moved


# ---- a real server

@pytest.mark.skipif(bool(peer_dovecot.why_not()), reason=str(peer_dovecot.why_not()))
def test_dovecot_sees_the_folders(sent):
    dove = peer_dovecot.Dovecot({"alice": None})
    try:
        box = make_maildir(dove.work / "mail" / "alice", everything(50))
        for f in [box, *box.rglob("*")]:
            os.chown(f, peer_dovecot.MAIL_USER, peer_dovecot.MAIL_USER)

        def admin(*words):
            r = subprocess.run(["doveadm", "-c", dove.work / "dovecot.conf", *words], capture_output=True, text=True, timeout=60)
            assert r.returncode == 0, r.stderr + dove.log()
            return r.stdout

        def counts():
            lines = admin("mailbox", "status", "-u", "alice", "messages unseen", "*").splitlines()
            return {line.split()[0]: tuple(int(w.split("=")[1]) for w in line.split()[1:]) for line in lines}
        before = counts()
        assert before["INBOX"][0] == len(everything(50))
        admin("mailbox", "subscribe", "-u", "alice", "INBOX")
        triage("--move", "--yes", "--sent", sent, box, check=0)
        after = counts()
        assert sorted(set(after) - set(before)) == FOLDERS
        assert [sum(c[i] for c in after.values()) for i in (0, 1)] == list(before["INBOX"]), "none lost, none read"
        assert sorted(admin("mailbox", "list", "-s", "-u", "alice").split()) == ["INBOX", *FOLDERS]
        texts = admin("fetch", "-u", "alice", "text", "mailbox", "Notices.Forged").count("Diagnostic-Code: smtp; 550 5.1.1")
        assert texts >= 50
        admin("flags", "add", "-u", "alice", "\\Flagged", "mailbox", "Notices.Yours", "all")
        triage("--undo", box, check=0)
        again = counts()
        assert again["INBOX"] == before["INBOX"] and all(c[0] == 0 for f, c in again.items() if f != "INBOX")
        flagged = admin("search", "-u", "alice", "mailbox", "INBOX", "flagged").splitlines()
        assert len(flagged) == after["Notices.Yours"][0] + 1
        assert pathlib.Path(box / "cur").owner() == "nobody"
    finally:
        dove.stop()
