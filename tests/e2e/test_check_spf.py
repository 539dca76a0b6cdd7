"""The suite of RFC 7208, by others, in Debian's package python3-spf: each of its cases is asked by hand."""
import concurrent.futures
import gzip
import pathlib
import subprocess

import pytest
import yaml
from conftest import PLAINPOST, QUICK
from fake_dns import FAIL, SILENCE, FakeDns, host_name, mx, txt

SUITE = pathlib.Path("/usr/share/doc/python3-spf/rfc7208-tests.yml.gz")
CASES = 203


def check(server, ip, sender, helo, *words, program=QUICK):
    r = subprocess.run([program, "check", "spf", "--ip", ip, "--sender", sender, "--helo", helo, "--dns", server, *words],
                       capture_output=True, timeout=60)
    assert r.returncode == 0, r.stderr.decode()
    return r.stdout.decode()


def wire(kind, value):
    if kind == "TXT":
        return txt(*([value] if isinstance(value, str) else value))
    if kind == "MX":
        return mx(*value)
    return host_name(value) if kind in ("PTR", "CNAME") else value


def zone_of(scenario):
    """Records of the type SPF are meant as TXT, where a name has no TXT of its own."""
    zone = {}
    for name, records in scenario["zonedata"].items():
        types = zone.setdefault(name, {})
        kinds = [kind for record in records if isinstance(record, dict) for kind in record]
        for record in records:
            if record == "TIMEOUT":
                types["*"] = FAIL
                continue
            (kind, value), = record.items()
            if kind == "SPF" and "TXT" not in kinds:
                kind = "TXT"
            if kind != "SPF" and value != "NONE":
                types.setdefault(kind, []).append(wire(kind, value))
    return zone


def fault_of(server, name, case):
    wanted = case["result"] if isinstance(case["result"], list) else [case["result"]]
    said = check(server, case["host"], case["mailfrom"], case["helo"])
    lines = said.splitlines()
    if lines[0] not in wanted:
        return f"{name}: {' or '.join(wanted)} is right, and not: {said}"
    wanted = case.get("explanation")
    own = [line for line in lines if line.startswith("The domain itself says: ")]
    if wanted == "DEFAULT" and own:
        return f"{name}: {own[0]}, but it says nothing"
    if wanted not in (None, "DEFAULT") and own != [f"The domain itself says: {wanted}"]:
        return f"{name}: it says “{wanted}”, and not: {said}"
    return None


def test_the_suite_of_rfc_7208():
    scenarios = list(yaml.safe_load_all(gzip.decompress(SUITE.read_bytes())))
    faults, count = [], 0
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for scenario in scenarios:
            with FakeDns(zone_of(scenario)) as dns:
                found = pool.map(lambda case: fault_of(dns.server, *case), scenario["tests"].items())
                faults += [f for f in found if f]
            count += len(scenario["tests"])
    assert not faults, f"{len(faults)} of {count}\n" + "\n".join(faults)
    assert count == CASES
