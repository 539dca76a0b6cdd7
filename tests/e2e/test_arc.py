"""ARC: the suite that others wrote (tests/arc, by ValiMail, MIT), and dkimpy as the next and as the last hop."""
import concurrent.futures
import gzip
import subprocess

import dkim
import pytest
import yaml
from conftest import PLAINPOST, QUICK, ROOT
from fake_dns import FAIL, FakeDns, txt

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
    unfolded = text.replace("\n\t", " ").splitlines()
    return {line.split(":", 1)[0]: line.split(":", 1)[1] for line in unfolded}


def test_the_seals_of_the_suite(tmp_path):
    def fault_of(server, scenario, name, case):
        key = tmp_path / "key.pem"
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
