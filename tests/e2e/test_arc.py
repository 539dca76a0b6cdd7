"""ARC: the suite that others wrote (tests/arc, by ValiMail, MIT), and dkimpy as the next and as the last hop."""
import concurrent.futures
import gzip
import json
import re
import subprocess
import types
import urllib.request

import dkim
import pytest
import yaml
from conftest import PLAINPOST, QUICK, ROOT, answers, free_port
from fake_dns import FAIL, FakeDns, txt
from peer_filters import Process, why_not

SUITE = ROOT / "tests" / "arc"
# The suite is of draft 18, and leaves open what RFC 8617 5.2 says of these.
SAID_BY_THE_RFC = {"cv_fail_i1_as_cv_fail": "fail", "cv_fail_i2_as2_fail": "fail", "cv_fail_i2_as1_fail": "fail"}


def scenarios(name):
    return list(yaml.safe_load_all(gzip.decompress((SUITE / f"{name}-tests.yml.gz").read_bytes())))


def zone_of(scenario):
    return {name: {"TXT": [txt(text.replace("\n", ""))]} for name, text in scenario["txt-records"].items()}


def check(server, message, program=QUICK):
    r = subprocess.run([program, "check", "arc", "-", "--dns", server, "--now", "1500000000"],
                       input=message if isinstance(message, bytes) else message.encode(), capture_output=True,
                       timeout=60)
    assert r.returncode == 0, r.stderr.decode()
    return r.stdout.decode()


def seal(message, key, *words, program=QUICK):
    r = subprocess.run([program, "seal", "-", "--key", key, *words], input=message.encode(), capture_output=True,
                       timeout=60)
    return r.returncode, r.stdout.decode(), r.stderr.decode()


def run_all(names, fault_of):
    faults, count = [], 0
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for scenario in scenarios(names):
            with FakeDns(zone_of(scenario)) as dns:
                found = pool.map(lambda case: fault_of(dns.server, scenario, *case), scenario["tests"].items())
                faults += [f for f in found if f]
            count += len(scenario["tests"])
    assert not faults, f"{len(faults)} of {count}\n" + "\n".join(faults)
    return count


def validation_fault(server, _, name, case):
    said = check(server, case["message"])
    wanted = SAID_BY_THE_RFC.get(name) or case["cv"].lower()
    return None if said.split("\n")[0] == wanted else f"{name}: {wanted} is right, and not: {said}"


def test_the_validations_of_the_suite():
    assert run_all("validation", validation_fault) == 171


def bare(text):
    return "".join(text.split())


def fields(text):
    unfolded = re.sub("\n[ \t]", " ", text).splitlines()
    return {line.split(":", 1)[0]: line.split(":", 1)[1] for line in unfolded}


def test_the_seals_of_the_suite(tmp_path):
    def fault_of(server, scenario, name, case):
        key = tmp_path / f"{name}.pem"
        key.write_text(scenario["privatekey"])
        _, out, err = seal(case["message"], key, "--selector", scenario["sel"], "--domain", scenario["domain"],
                           "--authserv-id", case["srv-id"], "--headers", case["sig-headers"], "--now", str(case["t"]),
                           "--dns", server)
        said = {k: bare(v) for k, v in fields(out).items()}
        wanted = {} if not case["AS"] else {
            "ARC-Seal": bare(case["AS"]), "ARC-Message-Signature": bare(case["AMS"]),
            "ARC-Authentication-Results": bare(case["AAR"])}
        return None if said == wanted else f"{name}: {wanted} is right, and not: {said} {err}"

    assert run_all("sign", fault_of) == 17


# ---- dkimpy and rspamd, as hops of a chain

MAIL = """Authentication-Results: mx.test; dkim=pass (it is fine) header.d=example.org;
  spf=fail smtp.mailfrom=bounce.example.org
From: Alice <alice@example.org>
To: list@example.net
Subject: Minutes of
  Monday
Date: Tue, 24 Nov 2026 12:44:00 +0100
Message-ID: <1@example.org>

See  you.\x20
\tTomorrow

"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A key, and the DNS that has it."""
    work = tmp_path_factory.mktemp("arc")
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", work / "key.pem", "2048"], check=True,
                   capture_output=True)
    public = subprocess.run(["openssl", "pkey", "-in", work / "key.pem", "-pubout"], check=True, capture_output=True)
    record = "v=DKIM1; p=" + "".join(public.stdout.decode().splitlines()[1:-1])
    with FakeDns({"s._domainkey.example.net": {"TXT": [txt(record)]}, "down._domainkey.example.net": FAIL}) as dns:
        yield types.SimpleNamespace(dns=dns, record=record, key=work / "key.pem")


def by_us(place, message, selector="s"):
    status, out, err = seal(message, place.key, "--selector", selector, "--domain", "example.net", "--authserv-id",
                            "mx.test", "--dns", place.dns.server)
    assert status == 0 and out, err
    return out + message


def by_dkimpy(place, message):
    found = dkim.arc_sign(message.replace("\n", "\r\n").encode(), b"s", b"example.net", place.key.read_bytes(),
                          b"mx.test", include_headers=[b"from", b"to", b"subject", b"date"])
    assert len(found) == 3
    return b"".join(found).decode().replace("\r\n", "\n") + message


def dkimpy_says(place, message):
    def keys(name, timeout=5):
        return place.record.encode() if name.startswith(b"s.") else None
    return dkim.arc_verify(message.replace("\n", "\r\n").encode(), dnsfunc=keys)[0]


def test_dkimpy_and_we_are_of_one_mind(place):
    one, other = by_us(place, MAIL), by_dkimpy(place, MAIL)
    for message in (one, other):
        assert dkimpy_says(place, message) == b"pass"
        assert check(place.dns.server, message, PLAINPOST).startswith("pass\nthe chain holds: 1 seal")
    results = next(line for line in one.splitlines() if line.startswith("ARC-Authentication-Results"))
    assert results == "ARC-Authentication-Results: i=1; mx.test; dkim=pass (it is fine) header.d=example.org;"
    both = by_us(place, other)  # the DNS is asked how the chain is
    assert "i=2; mx.test;" in both and "cv=pass" in both
    assert dkimpy_says(place, both) == b"pass"
    said = check(place.dns.server, both).splitlines()
    assert said[0] == "pass" and said[2].startswith("1 example.net s: mx.test; dkim=pass (it is fine)")
    changed = both.replace("Tomorrow", "Today")
    assert dkimpy_says(place, changed) == b"fail" and check(place.dns.server, changed).startswith("fail\n")
    broken = by_us(place, changed)
    assert "cv=fail" in broken and check(place.dns.server, broken).splitlines() == [
        "fail", "the chain is broken: seal 3 says that it was broken before (cv=fail)"]


RSPAMD = """
options {{ pidfile = "{work}/pid"; control_socket = "{work}/control"; cache_file = "{work}/cache";
    stats_file = "{work}/stats"; tempdir = "{work}"; disable_hyperscan = true; filters = "dkim";
    dns {{ nameserver = ["{dns}"]; }} }}
logging {{ type = "console"; level = "error"; }}
modules {{ path = "/usr/share/rspamd/plugins/"; }}
dkim {{ }}
arc {{ sign_inbound = true; allow_hdrfrom_mismatch = true; use_domain = "recipient"; reuse_auth_results = true;
    domain {{ example.net {{ path = "{key}"; selector = "s"; }} }} }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; }}
"""


class Rspamd(Process):
    def __init__(self, work, place):
        self.port = free_port()
        (work / "rspamd.conf").write_text(RSPAMD.format(work=work, port=self.port, dns=place.dns.server, key=place.key))
        super().__init__(["rspamd", "-f", "-i", "-c", work / "rspamd.conf"], work / "rspamd.log",
                         lambda: answers(self.port))

    def look_at(self, message):
        """The words that it found about ARC, and the message with what it wants to be added."""
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/checkv2", data=message.replace("\n", "\r\n").encode(),
            headers={"From": "alice@example.org", "Rcpt": "bob@example.net", "IP": "192.0.2.9"})
        with urllib.request.urlopen(asked, timeout=20) as answer:
            said = json.load(answer)
        added = said["milter"]["add_headers"]
        order = ("ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results")
        sealed = "".join(f"{name}: {added[name]['value']}\n".replace("\r", "") for name in order)
        return {word for word in said["symbols"] if word.startswith("ARC")}, sealed + message


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
def test_rspamd_and_we_are_of_one_mind(place, tmp_path):
    rspamd = Rspamd(tmp_path, place)
    try:
        words, by_rspamd = rspamd.look_at(by_us(place, MAIL))
        assert words == {"ARC_ALLOW", "ARC_SIGNED"}
        assert check(place.dns.server, by_rspamd).startswith("pass\nthe chain holds: 2 seals")
        three = by_us(place, by_rspamd)
        assert rspamd.look_at(three)[0] == {"ARC_ALLOW", "ARC_SIGNED"}
        assert "ARC_REJECT" in rspamd.look_at(three.replace("Tomorrow", "Today"))[0]
        assert check(place.dns.server, rspamd.look_at(MAIL)[1]).startswith("pass\nthe chain holds: 1 seal")
    finally:
        rspamd.stop()


def test_what_can_not_be_sealed_is_said(place):
    words = ["--selector", "s", "--domain", "example.net", "--authserv-id", "mx.test"]
    assert seal(MAIL.replace("mx.test", "other.test"), place.key, *words)[::2] == (
        1, "plainpost: - is not sealed: no Authentication-Results field of mx.test says what was found\n")
    assert seal(MAIL, place.key.with_name("none.pem"), *words)[0] == 1
    assert seal(MAIL, place.key, *words[2:])[0] == 2
    assert seal(MAIL, place.key, *words, "--headers", "from;x")[0] == 2
    assert check(place.dns.server, by_us(place, MAIL, "down")).startswith(
        "fail\nseal 1 of the chain does not hold: the DNS could not be asked for the key down._domainkey.example.net")
