"""An account is used from countries that it has never been in: by a database, which the operator names."""
import re
import sqlite3
import time

import mmdb
import pytest

from conftest import DOMAIN, wait_for
from test_accounts import ALICE, Accounts, hop  # noqa: F401


def number(n):
    """As the counters of an account stand in accounts.sqlite."""
    out = b""
    while n >= 0x80:
        out += bytes([0x80 | n & 0x7F])
        n >>= 7
    return out + bytes([n])


def make_older(accounts, begun, hours=2):
    """As if all that was seen of the account until now had been so long ago: what it began with is its own."""
    db = sqlite3.connect(accounts.server.state / "accounts.sqlite")
    [(state,)] = db.execute("SELECT state FROM account WHERE name = ?", [ALICE]).fetchall()
    for minute in range(begun, int(time.time()) // 60 + 1):
        state = state.replace(number(minute), number(minute - hours * 60))
    db.execute("UPDATE account SET state = ? WHERE name = ?", [state, ALICE])
    db.commit()
    db.close()


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "countries.mmdb"
    mmdb.write(path, {"127.0.0.0/8": "DE", "127.0.1.0/24": "BR"})
    return path


def test_new_countries_stand_out_and_are_named(make_server, tmp_path, hop, database):  # noqa: F811
    begun = int(time.time()) // 60
    accounts = Accounts(make_server, tmp_path, hop, options=f"country-database {database}\n")
    accounts.write("friend@elsewhere.test")
    accounts.server.stop()
    make_older(accounts, begun)
    accounts.server.start()
    accounts.spam(12, "127.0.1.9")
    accounts.spam(1, "127.0.2.9", first=100)  # in Germany, as the database says today
    assert accounts.shown()["level"] == "green"  # one new country is a journey
    mmdb.write(database, {"127.0.0.0/8": "DE", "127.0.1.0/24": "BR", "127.0.2.0/24": "IN"})
    accounts.server.run("reload")
    last = accounts.spam(1, "127.0.2.9", first=101)[-1]
    told = wait_for("the line in its history", lambda: [x for x in accounts.shown()["history"] if x["what"] == "slowed"])
    assert told[0]["why"] == ("In a short time, this account was used from 2 new places. Up to 1 would not stand out. "
                              "New countries: BR, IN.")
    assert "New countries: BR, IN." in " ".join(accounts.account("show", ALICE).split())
    assert "New countries: BR, IN." in " ".join(accounts.server.wait_for_word(last, "leaves one by one").split())


def test_letters_say_from_where(make_server, tmp_path, hop, database):  # noqa: F811
    mmdb.write(database, {"127.0.0.0/8": ("BR", {"en": "Brazil", "de": "Brasilien"})})
    accounts = Accounts(make_server, tmp_path, hop, options=f"gather-notices 1s\ncountry-database {database}\n",
                        users=f"domain {DOMAIN}\nalice@{DOMAIN} language de\npostmaster@{DOMAIN}\n")
    accounts.spam(80)
    for mail in accounts.server.wait_for_mail("alice", 2):  # that it is slowed, and that it is held
        assert re.search(r"Gesendet aus: +127\.0\.0\.9 \(Brasilien\)", mail.get_body(["plain"]).get_content())
    [mail] = accounts.server.wait_for_mail("postmaster")
    assert re.search(r"Sent from: +127\.0\.0\.9 \(Brazil\)", mail.get_body(["plain"]).get_content())


@pytest.mark.parametrize("text, told", [
    (None, "can't be read: No such file or directory"),
    ("country,code\n", "is no database in MaxMind's format; name one of countries, such as GeoLite2-Country.mmdb"),
])
def test_what_is_no_database(make_server, tmp_path, database, text, told):
    s = make_server(f"country-database {database}\n", users=f"domain {DOMAIN}\nalice@{DOMAIN}\n")
    assert "fine" in s.run("config", "check")
    good = database.with_suffix(".good")
    database.rename(good)
    if text:
        database.write_text(text)
    for words in (("config", "check"), ("reload",)):
        r = s.run(*words, check=False)
        assert r.returncode == 1 and f"country-database: {database} {told}" in r.stderr, r.stderr
    good.rename(database)
    s.run("reload")
