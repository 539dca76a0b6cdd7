"""Where addresses lead: tables in SQLite databases, relay domains, lists of any length, and what test-address
says of them."""
import sqlite3

from conftest import DOMAIN, wait_for

SCHEMA = """
CREATE TABLE domains (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE users (address TEXT PRIMARY KEY, quota, messages, maildir TEXT) WITHOUT ROWID;
CREATE TABLE aliases (name TEXT, target TEXT);
CREATE TABLE recipients (address TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class Tables:
    def __init__(self, path, users=("alice", "bob"), aliases=(), mode="WAL"):
        self.path = path
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute(f"PRAGMA journal_mode = {mode}")
        self.db.executescript(SCHEMA)
        for user in users:
            self.add_user(user)
        self.db.executemany("INSERT INTO aliases VALUES (?, ?)", aliases)

    def add_user(self, user, quota=None):
        self.db.execute("INSERT INTO users VALUES (?, ?, NULL, NULL)", (f"{user}@{DOMAIN}", quota))


def rcpt(server, address, sender=f"alice@{DOMAIN}"):
    with server.client() as s:
        s.ehlo()
        s.mail(sender)
        code, words = s.rcpt(address)
        return code, words.decode()


def test_tables_of_a_database_are_read_when_they_change(make_server, tmp_path):
    t = Tables(tmp_path / "t.db", aliases=[("team", "alice, bob"), ("loop", "loop2"), ("loop2", "loop")])
    s = make_server(f"aliases sqlite:{t.path}", users_option=f"sqlite:{t.path}")
    s.send(f"team@{DOMAIN}")
    s.wait_for_mail("alice")
    s.wait_for_mail("bob")
    assert rcpt(s, f"carol@{DOMAIN}")[0] == 550
    assert rcpt(s, f"postmaster@{DOMAIN}")[0] == rcpt(s, f"abuse@{DOMAIN}")[0] == 250
    circle = s.send(f"loop@{DOMAIN}")
    assert "5.4.6" in s.wait_for_word(circle, "reported")
    # A new user gets mail, within his quota, without a word to the server.
    t.add_user("carol", "1KB")
    wait_for("carol", lambda: rcpt(s, f"carol@{DOMAIN}")[0] == 250)
    s.send(f"carol@{DOMAIN}")
    s.wait_for_mail("carol")
    assert "Inbox full" in s.wait_for_word(s.send(f"carol@{DOMAIN}", body="x" * 600), "reported")
    # A table that can't be used leaves what was known, and is told once.
    t.db.execute("ALTER TABLE users RENAME TO people")
    wait_for("the complaint", lambda: "no such table: users" in s.log.read_text())
    assert rcpt(s, f"carol@{DOMAIN}")[0] == 250
    t.db.execute("ALTER TABLE people RENAME TO users")
    t.add_user("dave")
    wait_for("dave", lambda: rcpt(s, f"dave@{DOMAIN}")[0] == 250)
    assert s.log.read_text().count("no such table: users") == 1
    assert "plainpost.conf and the users of sqlite:" in s.run("config", "check")
    s.audit()


def test_a_database_that_is_locked_or_broken_is_told(make_server, tmp_path):
    t = Tables(tmp_path / "t.db", mode="DELETE")
    s = make_server(users_option=f"sqlite:{t.path}")
    t.db.execute("BEGIN EXCLUSIVE")
    t.add_user("carol")
    t.path.touch()
    wait_for("the complaint", lambda: "another program has locked" in s.log.read_text())
    assert rcpt(s, f"alice@{DOMAIN}")[0] == 250 and rcpt(s, f"carol@{DOMAIN}")[0] == 550
    t.db.execute("COMMIT")
    wait_for("carol", lambda: rcpt(s, f"carol@{DOMAIN}")[0] == 250)
    whole = t.path.read_bytes()
    t.db.close()
    t.path.write_bytes(whole[:len(whole) // 2])
    wait_for("the complaint", lambda: "malformed" in s.log.read_text())
    assert rcpt(s, f"carol@{DOMAIN}")[0] == 250
    s.stop()
    r = s.run("serve", check=False)
    assert r.returncode == 1 and f"{t.path}: database disk image is malformed" in r.stderr
    assert "malformed" in s.run("config", "check", check=False).stderr
