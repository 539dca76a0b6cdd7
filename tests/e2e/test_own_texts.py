"""The operator's own words in notices, from the export to a real notice; and in whose language one is."""
import json
import re
import subprocess

import pytest
from conftest import DOMAIN, PLAINPOST, wait_for
from hop import Hop
from test_accounts import Accounts

HELP = "Helpdesk: 4711, Mo-Fr 8-17. Nennen Sie die Nummer %1."
HEAD = 'msgid ""\nmsgstr "Language: de\\n"\n'


def run(*words, status=0):
    r = subprocess.run([PLAINPOST, "bounce-text", *map(str, words)], capture_output=True, text=True, timeout=60)
    assert "Sanitizer" not in r.stderr and "runtime error" not in r.stderr, r.stderr
    assert r.returncode == status, (r.returncode, r.stdout, r.stderr)
    return r.stdout if status == 0 else r.stderr


def exported(language):
    """Entries of the export, each with what is remarked above it; the head first."""
    return [e for e in re.split(r"\n\n(?:# ----.*\n\n)?", run("export", "--lang", language)) if "msgid" in e]


def edited(path, language, changes):
    """As an operator does it: what he changes stays, and the head."""
    head, *entries = exported(language)
    kept = [head]
    for entry in entries:
        english = re.search(r'^msgid "(.*)"$', entry, re.M)[1]
        if english in changes:
            kept.append(re.sub(r'^msgstr ".*"$', lambda _: f'msgstr "{changes.pop(english)}"', entry, flags=re.M))
    assert not changes
    path.write_text("\n\n".join(kept) + "\n")
    return path


def text_of(notice):
    return " ".join(next(p for p in notice.walk() if p.get_content_type() == "text/plain").get_content().split())


@pytest.fixture
def german(tmp_path):
    return edited(tmp_path / "de.po", "de", {
        "YOUR OWN WORDS": HELP, "Address not found": "Diese Adresse kennt dort keiner",
        "Not delivered to %1": "Ging nicht an %1"})


def sends(s, headers="Content-Language: de\r\n", sender="alice"):
    """The queue id, and the notice about it."""
    queue_id = s.send("a@partner.test", headers=headers, sender=f"{sender}@{DOMAIN}")
    notice, = wait_for("the notice", lambda: [m for m in s.messages(sender) if queue_id in text_of(m)])
    return queue_id, notice


@pytest.fixture
def hop():
    with Hop(lambda to: "550 5.1.1 no such user") as hop:
        yield hop


def route(hop, options=""):
    return f"route partner.test 127.0.0.1:{hop.port}\n{options}\n"


def test_from_the_export_to_a_notice(make_server, german, hop):
    assert run("check", german) == f'{german}: 2 texts of your own in "de", and your words for those who need help.\n'
    for form in ("--text", "--html"):
        shown = run("preview", "--cause", "address-not-found", "--texts", german, form)
        assert "Diese Adresse kennt dort keiner" in shown and "Brauchen Sie Hilfe?" in shown and "4711" in shown
    assert "Diese Adresse kennt dort keiner" in run("gallery", "--texts", german)
    assert "kennt dort keiner" not in run("preview", "--cause", "address-not-found", "--texts", german, "--lang", "fr")
    s = make_server(route(hop, f"notice-texts {german}"))
    queue_id, notice = sends(s)
    assert notice["Subject"] == "Ging nicht an a@partner.test: hello"
    text = text_of(notice)
    assert "Diese Adresse kennt dort keiner" in text and HELP.replace("%1", queue_id) in text
    assert "In English Your message was not delivered" in text and "Address not found" in text
    card = next(p for p in notice.walk() if p.get_content_type() == "text/html").get_content()
    assert "Diese Adresse kennt dort keiner" in card and f"Nummer {queue_id}." in card
    explained = s.run("explain", "--lang", "de", s.mailbox("alice")[0])
    assert "Adresse nicht gefunden" in explained and "kennt dort keiner" not in explained
    assert s.check_notices() == 1


def test_the_export_is_a_po_file_with_your_words_in_it(german, tmp_path):
    all_of_it = tmp_path / "all.po"
    all_of_it.write_text(run("export", "--texts", german))
    assert "kennt dort keiner" in all_of_it.read_text()
    said = run("check", all_of_it)
    assert "2 texts of your own" in said and re.search(r"; \d{3} are as plainpost has them", said)
    entries = exported("de")
    assert len(entries) == len(exported("en")) and all('msgstr' in e for e in entries)
    inbox = next(e for e in entries if 'msgid "Inbox full"' in e)
    assert "#. Heading: inbox-full\n" in inbox and 'msgstr "Postfach voll"' in inbox
    place = next(e for e in entries if 'msgid "It was tried on %1' in e)
    assert "#. %1 is a time.\n" in place


WRONG = [
    ('msgid "Not delivered to %1"\nmsgstr "Ging nicht"\n', r":4: %1 is missing", True),
    ('msgid "Inbox full"\nmsgstr "<b>Voll</b>"\n', r":4: HTML is not understood", True),
    ('msgid "Inbox full"\nmsgstr "Voll\n', r":4: the quotation mark at the end", True),
    ('msgid "Inbox fall"\nmsgstr "Voll"\n', r":3: no notice says “Inbox fall”", False),
    ('#, fuzzy\nmsgid "Inbox full"\nmsgstr "Voll"\n', r":4: this text is marked as fuzzy", False),
]


@pytest.mark.parametrize("text, why, is_refused", WRONG)
def test_what_is_wrong_with_a_file_is_told(tmp_path, text, why, is_refused):
    path = tmp_path / "de.po"
    path.write_text(HEAD + text)
    said = run("check", path, status=1)
    assert re.search(re.escape(str(path)) + why, said), said
    assert ("can't use this file" if is_refused else "leaves out") in said
    r = subprocess.run([PLAINPOST, "bounce-text", "preview", "--cause", "loop", "--texts", path],
                       capture_output=True, text=True, timeout=60)
    assert re.search(why, r.stderr) and r.returncode == is_refused and bool(r.stdout) != is_refused
    (tmp_path / "conf").write_text(f"notice-texts {path}\nusers {tmp_path / 'users'}\n")
    (tmp_path / "users").write_text("")
    r = subprocess.run([PLAINPOST, "-c", tmp_path / "conf", "config", "check"], capture_output=True, text=True, timeout=60)
    assert r.returncode == is_refused and re.search(why, r.stderr), r.stderr


def test_files_that_do_not_go_together(tmp_path, german):
    assert "another file has the texts of this language" in run("check", german, german, status=1)
    assert "No such file" in run("check", tmp_path / "none", status=1)
    assert "use it as: plainpost bounce-text check FILE" in run("check", status=2)
    assert "use it as: plainpost bounce-text check FILE" in run("check", "--lang", status=2)
    assert "use it as: plainpost bounce-text export" in run("export", "--cause", "loop", status=2)
    french = edited(tmp_path / "fr.po", "fr", {"Address not found": "Personne ici"})
    assert run("check", german, french).count("of your own") == 2


def test_a_reload_takes_other_words_or_keeps_those_it_had(make_server, german, hop):
    s = make_server(route(hop, f"notice-texts {german}"))
    assert "Diese Adresse kennt dort keiner" in text_of(sends(s)[1])
    good = german.read_text()
    german.write_text(good.replace("Nennen Sie die Nummer %1", "Nennen Sie die Nummer %2"))
    r = s.run("reload", check=False)
    assert r.returncode == 1 and re.search(r"de\.po:\d+: %2 means nothing here", r.stderr), r.stderr
    assert "Nennen Sie die Nummer" in text_of(sends(s)[1])
    german.write_text(good.replace("kennt dort keiner", "ist dort neu") + '\nmsgid "Of old"\nmsgstr "Alt"\n')
    assert "users, aliases and the texts of notices were read again" in s.run("reload")
    assert "Diese Adresse ist dort neu" in text_of(sends(s)[1])
    assert re.search(r"notice-text-left-out.*no notice says “Of old”", s.log.read_text())
    s.config.write_text(s.config.read_text().replace(f"notice-texts {german}\n", ""))
    s.run("reload")
    assert "Adresse nicht gefunden" in text_of(sends(s)[1])
    s.audit()


def test_a_server_does_not_start_with_a_broken_file(make_server, tmp_path):
    (tmp_path / "de.po").write_text(HEAD + "nonsense\n")
    s = make_server()
    assert s.stop() == 0
    s.config.write_text(s.config.read_text() + f"notice-texts {tmp_path / 'de.po'}\n")
    r = subprocess.run(s.command, capture_output=True, text=True, timeout=60)
    assert r.returncode == 1 and "de.po:3: a line begins with msgid or msgstr" in r.stderr, r.stderr


def test_programs_that_hand_in_mail_get_own_words_too(make_server, german, hop):
    s = make_server(f"notice-texts {german}\nnotice-language de\nmax-message-size 100KB\nsegment-size 5MB",
                    users=f"root@{DOMAIN}\nalice@{DOMAIN}\n")
    (s.state / "drop").mkdir(exist_ok=True)
    message = "Subject: x\n\n" + "a long line\n" * 20000
    (s.state / "drop" / "mail-1").write_text(
        f"plainpost-drop 1\nfrom <alice@{DOMAIN}>\nto <bob@{DOMAIN}>\nmessage {len(message)}\n{message}")
    notice, = s.wait_for_mail("alice")
    assert "Helpdesk: 4711" in text_of(notice)


USERS = (f"domain {DOMAIN} language fr\nalice@{DOMAIN} language it\nbob@{DOMAIN}\n"
         "carol@other.test\n")


def test_whose_language_it_is(make_server, hop):
    """The user's, the message's, the domain's, the option's."""
    s = make_server(route(hop, "notice-language es"), users=USERS)
    tags = [sends(s, headers, sender)[1]["Content-Language"] for sender, headers in (
        ("alice", "Content-Language: de\r\n"), ("alice", ""), ("bob", "Content-Language: de\r\n"), ("bob", ""))]
    assert tags == ["it, en", "it, en", "de, en", "fr, en"]
    s.users_file.write_text(USERS.replace("language it", "language ja"))
    s.run("reload")
    assert sends(s, "", "alice")[1]["Content-Language"] == "ja, en"
    s.users_file.write_text(USERS.replace(" language fr", "").replace(" language it", ""))
    s.run("reload")
    assert sends(s, "", "alice")[1]["Content-Language"] == "es, en"


def test_an_address_is_shown_with_its_language(make_server):
    s = make_server(users=USERS)
    assert 'is told in the language "it" what becomes of its mail\n' in s.run("test-address", f"alice@{DOMAIN}")
    said = s.run("test-address", f"bob@{DOMAIN}")
    assert 'in the language "fr", that of its domain, what becomes of its mail, unless the mail names another' in said
    assert "language" not in s.run("test-address", "carol@other.test")
    found = json.loads(s.run("test-address", "--json", f"alice@{DOMAIN}"))["recipients"][0]
    assert (found["language"], found["domain_language"]) == ("it", "fr")
    s.users_file.write_text(USERS.replace("language it", "language Italian"))
    r = s.run("config", "check", check=False)
    assert r.returncode == 1 and re.search(r"users:2: language needs one of en, ar, de, .*: language de", r.stderr)


def test_letters_have_own_words_too(make_server, tmp_path):
    german = edited(tmp_path / "de.po", "de", {
        "Your mail is held until somebody has looked at it": "Ihre Mail liegt bei uns, rufen Sie an",
        "If it was you": "Wenn Sie das selbst waren"})
    assert "2 texts of your own" in run("check", german)
    names = [line.split()[0] for line in run("preview", "--letter", "list").splitlines()]
    assert len(names) == 13 and "postmaster-held" in names
    shown = run("preview", "--letter", "account-held", "--texts", german)
    assert shown.startswith("Ihre Mail liegt bei uns, rufen Sie an\n") and "Wenn Sie das selbst waren\n" in shown
    assert "liegt bei uns" in run("preview", "--letter", "account-held", "--texts", german, "--html")
    assert "in place of --cause" in run("preview", "--letter", "account-held", "--cause", "inbox-full", status=2)
    assert "--letter list" in run("preview", "--letter", "account-lost", status=2)
    with Hop() as hop:
        accounts = Accounts(make_server, tmp_path, hop, options=f"gather-notices 1s\nnotice-texts {german}\n",
                            users=f"domain {DOMAIN}\nalice@{DOMAIN} language de\npostmaster@{DOMAIN}\n")
        accounts.spam(60)
        letters = {m["Subject"]: text_of(m) for m in accounts.server.wait_for_mail("alice", 2)}
        assert "Wenn Sie das selbst waren" in letters["Ihre Mail liegt bei uns, rufen Sie an"]
