"""What parsers that others wrote find in notices: Python's email package, GMime, and Sisimai."""
import email
import email.policy
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
ORACLE = pathlib.Path(os.environ.get("BUILD", ROOT / "build-test")) / "tests" / "oracle" / "mime_oracle"
SISIMAI = r"""
use strict; use warnings; use Sisimai;
for my $path (@ARGV) {
    my $found = Sisimai->make($path, delivered => 1) || [];
    print join("\t", $path, $_->recipient->address, $_->action, $_->deliverystatus), "\n" for @$found;
}
"""


def by_email_package(raw):
    """(recipient, action, status) of each, or words on what it did not like."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    defects = [d for part in message.walk() for d in part.defects]
    defects += [d for part in message.walk() for _, v in part.items() for d in getattr(v, "defects", ())]
    if defects:
        return repr(defects)
    groups = next(part.get_payload() for part in message.walk()  # what is returned may be a notice, too
                  if part.get_content_type() == "message/delivery-status")
    return [(g["Final-Recipient"].split(";")[1].strip(), g["Action"], g["Status"]) for g in groups[1:]]


def by_sisimai(paths):
    """The same for each path, of those that it takes for notices."""
    r = subprocess.run(["perl", "-e", SISIMAI, *map(str, paths)], capture_output=True, text=True, timeout=120)
    assert r.returncode == 0, r.stderr
    found = {str(path): [] for path in paths}
    for line in r.stdout.splitlines():
        path, *rest = line.split("\t")
        found[path].append(tuple(rest))
    return found


def gmime_differs(paths):
    """Where our reader and GMime take the parts of these messages for different ones; empty: nowhere."""
    r = subprocess.run([ORACLE, *paths], capture_output=True, text=True, timeout=120)
    return "" if r.returncode == 0 else r.stdout + r.stderr
