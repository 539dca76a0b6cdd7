"""Gives each notice of a corpus an owner, who sent the message that it is about, and somebody else, whose address was
forged, and counts what each is told.

usage: provenance CORPUS                 tables
       provenance CORPUS --wrong         … and each notice of which something wrong is said
       provenance CORPUS --half first    … of one half of the notices; or second

CORPUS has labels.jsonl, a line each: "file", "set" (bounce or fake), "kind", "recipients" with their "address".
"""
import collections
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile

from provenance_notices import ANOTHER, Fields, Returned, Signer, as_sent, dates_of, message_id, split

ABOUT_MAIL = {"failure", "delay", "success", "feedback-report"}
SYSTEMS = ["plainpost", "postfix", "gmail", "exchange", "exim", "qmail"]
HOME, ELSEWHERE = "home.example", "elsewhere.example"
STRANGER = "eve@" + ELSEWHERE
VICTIM = "ann@" + HOME
OTHER_MAIL = [{"id": "of-another-message@" + HOME, "to": ["nobody@example.org"], "subject": "Lunch on Friday?"}]
IN_WORDS = re.compile(rb"(?im)^ *(?:recipient\(s\): *\r?\n|rcpt to:|(?:original-rcpt-to|removal-recipient):) *<?([^\s<>]+@[^\s<>]+)")
BY_HAND = {"messages/flufl/yale_01.eml": ["userx@yale.edu"]}  # it says "userx", and no domain
CLASSES = ["genuine", "not-yours", "spam-in-bounce", "unknown", "phishing", "account-abused", "auto-reply",
           "not-a-bounce"]
SURENESS = ["certain", "very-likely", "likely", "unknown"]


def half_of(name):
    return "first" if hashlib.sha256(name.encode()).digest()[0] % 2 else "second"


def some(value):
    return value if isinstance(value, list) else [value]


def recipients(label, notice):
    """Whom the notice is about: as the labels have it, and as its own words say, since some labels have nobody, and one a
    digit less."""
    labelled = [a.strip("<> ") for r in label.get("recipients", []) for a in some(r.get("address", ""))]
    told = [a.decode("latin-1") for a in IN_WORDS.findall(notice)]
    return [a for a in labelled if "@" in a] + told + BY_HAND.get(label["file"], [])


def to_somebody(notice, address):
    """As it comes to whoever else was forged."""
    header, at = split(notice)
    to = b"To: <%s>\n" % address.encode()
    return to + b"".join(whole for name, whole in header.all if name.lower() != b"to") + b"\n" + notice[at:]


class Bench:
    def __init__(self, build, corpus, directory):
        self.build, self.corpus, self.directory = pathlib.Path(build), pathlib.Path(corpus), pathlib.Path(directory)
        self.signer = Signer(directory, HOME)
        self.requests = []
        with open(self.corpus / "labels.jsonl", encoding="utf-8") as file:
            self.labels = [json.loads(line) for line in file if line.strip()]

    def add(self, name, message, trials):
        path = self.directory / f"{len(self.requests)}.eml"
        path.write_bytes(message)
        self.requests.append({"file": name, "path": str(path),
                              "trials": [{"name": n, **trial} for n, trial in trials.items()]})

    def key(self):
        return {"domain": HOME, "key": self.signer.record}

    # ---- real notices

    def add_notice(self, label):
        notice = (self.corpus / label["file"]).read_bytes()
        returned = Returned(notice)
        fields = returned.fields or Fields(b"")
        known_id = message_id(returned.fields, notice)
        to = recipients(label, notice)
        as_written = fields.addresses(b"To", b"Cc")
        told = re.search(rb"(?im)^[> \t]+subject:([^\r\n]*)", notice[split(notice)[1]:])
        subject = fields.text(b"Subject") or (told[1].decode("latin-1").strip() if told else "")
        mine = {"id": known_id or "not-returned@" + HOME, "subject": subject}
        sent = [{**mine, "to": to + as_written or ["somebody@partner.example"]}, *OTHER_MAIL]
        # As the owner knows it when somebody on the way has sent it on to whom the notice names.
        sent_on = [{**mine, "to": as_written or ["team@partner.example"]}, *OTHER_MAIL]
        told = re.findall(rb'(?im)(?:^[> \t]+from:|"source":")[^\r\n]*?([^\s"<>:]+@[^\s"<>]+)', notice)
        me = {"me": split(notice)[0].addresses(b"To") + fields.addresses(b"From", b"Sender")
              + [a.decode("latin-1") for a in ([] if returned.fields else told)]}
        at = {"plain": me["me"][0] if me["me"] else VICTIM}
        key = self.key()
        self.add(label["file"], notice, {
            "anybody: nothing known": {},
            "owner: addresses": me,
            "owner: record": {**me, "sent": sent},
            "owner: tag": {**me, "sent": sent, "tagged": at["plain"], "tag_alone": True},
            "owner: record, account is broken into": {**me, "sent": sent, "suspect": True},
            "owner: record, to the plain address": {**me, "sent": sent, **at},
            "owner: record, sent on": {**me, "sent": sent_on},
            "owner: record, sent on, to the plain address": {**me, "sent": sent_on, **at},
            "forged: addresses": me,
            "forged: record": {**me, "sent": OTHER_MAIL},
            "forged: no tag": {**me, "sent": OTHER_MAIL, **at, "tag_alone": True},
            "forged: record, no tag": {**me, "sent": OTHER_MAIL, **at},
            "forged: all": {**me, "sent": OTHER_MAIL, **at, **key},
        })
        eve = {"me": [STRANGER], "sent": OTHER_MAIL}
        self.add(label["file"], to_somebody(notice, STRANGER), {
            "stranger: addresses": {"me": [STRANGER]},
            "stranger: record": eve,
            "stranger: all": {**eve, "plain": STRANGER, **key},
        })
        signed = taken = notice
        if returned.fields:
            header = b"".join(whole for _, whole in fields.all)
            made = dates_of(fields)
            signed = returned.put(self.signer.sign(as_sent(header, fields), made))
            taken = returned.put(self.signer.sign(ANOTHER, made - 30 * 86400))
        self.add(label["file"], signed, {
            "owner: signature": {**me, **key},
            "owner: record, signature": {**me, "sent": sent, **key},
            "owner: all": {**me, "sent": sent, "tagged": at["plain"], **key},
        })
        self.add(label["file"], taken, {"forged: a signature taken": {**me, **key}})
        return {"returns": bool(returned.fields or known_id), "id": bool(known_id)}

    # ---- spam, returned to somebody whose address was forged

    def notice_by(self, system):
        words = [self.build / "plainpost", "fake-bounce", "--as", system, "--cause", "address-not-found",
                 "--from", VICTIM, "--date", "2026-11-24T11:44:03Z"]
        return Returned(subprocess.run(words, check=True, capture_output=True).stdout)

    def add_spam(self, label, notices):
        spam = (self.corpus / label["file"]).read_bytes().lstrip(b"\r\n")
        header, at = split(spam)
        forged = b"From: <%s>\n" % VICTIM.encode() + b"".join(w for n, w in header.all if n.lower() != b"from") + b"\n"
        me = {"me": [VICTIM]}
        for system, notice in notices.items():
            no_tag = {**me, "sent": OTHER_MAIL, "plain": VICTIM}
            everything = {**no_tag, **self.key()}
            name = f"{label['file']} in a notice by {system}"
            self.add(name, notice.replace(spam), {
                "spam: nothing known": {}, "spam: addresses": me, "spam: record": {**me, "sent": OTHER_MAIL},
                "spam: no tag": {**no_tag, "tag_alone": True}, "spam: all": everything})
            self.add(name, notice.replace(forged + spam[at:]), {
                "spam from me: addresses": me, "spam from me: record": {**me, "sent": OTHER_MAIL},
                "spam from me: no tag": {**no_tag, "tag_alone": True}, "spam from me: all": everything})

    # ---- tricks, with whatever somebody can have who once got a mail of ours

    def add_trick(self, label, is_phish):
        kind = "phish" if is_phish else "spam as notice"
        trick = (self.corpus / label["file"]).read_bytes().lstrip(b"\r\n")
        header, at = split(trick)
        to = header.addresses(b"To")[:1] or [VICTIM]
        ours = (f"From: {to[0]}\nTo: mallory@example.net\nSubject: Lunch?\nDate: Mon, 23 Nov 2026 12:03:00 +0100\n"
                f"Message-ID: <lunch@{HOME}>\nMIME-Version: 1.0\n").encode()
        signed = self.signer.sign(ours, 1795431780) + ours
        proof = {"me": to, "sent": [{"id": "lunch@" + HOME, "to": ["mallory@example.net"]}], **self.key()}
        self.add(label["file"], trick, {
            f"{kind}: nothing known": {}, f"{kind}: to a fresh tag": {"me": to, "counts": True},
            f"{kind}: to a forged or old tag": {"me": to, "counts": False}})
        inner = b"".join(w for n, w in header.all if n.lower().startswith(b"content-")) + b"\n" + trick[at:]
        outer = b"".join(w for n, w in header.all if not n.lower().startswith((b"content-", b"mime-version")))
        part = b"\n--=_dressed\n"
        start = outer + (b"MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n"
                         b' boundary="=_dressed"\n') + part + inner
        status = part + (b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
                         b"Final-Recipient: rfc822; mallory@example.net\nAction: failed\nStatus: 5.1.1\n"
                         b"Diagnostic-Code: smtp; 550 5.1.1 No such user\n")
        returned = part + b"Content-Type: text/rfc822-headers\n\n" + signed + b"\n--=_dressed--\n"
        self.add(label["file"], start + returned, {
            f"{kind}: returns our signed header": proof, f"{kind}: that, to a fresh tag": {**proof, "counts": True}})
        self.add(label["file"], start + status + returned, {
            f"{kind}: that, in a whole report": proof, f"{kind}: all of it": {**proof, "counts": True}})

    def run(self):
        given = "".join(json.dumps(r) + "\n" for r in self.requests)
        done = subprocess.run([self.build / "bench/provenance_trial"], input=given, check=True, stdout=subprocess.PIPE,
                              text=True)
        return [json.loads(line) for line in done.stdout.splitlines()]


# ---- tables

def share(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "–"


def print_matrix(title, rows):
    """rows: trial → results; what each is told, by how sure."""
    print(title)
    for trial, found in rows.items():
        told = collections.Counter((r["class"], r["confidence"]) for r in found)
        words = [f"{c} {s} {told[c, s]}" if s != "unknown" else f"{c} {told[c, s]}"
                 for c in CLASSES for s in SURENESS if told[c, s]]
        print(f"  {trial:40} {len(found):5}  {', '.join(words)}")
    print()


def is_proven(r):
    return r["class"] == "genuine" and r["provenance"] == "proven"


def is_foreign(r):
    return r["class"] in ("not-yours", "spam-in-bounce")


def is_right(trial, r):
    if trial == "owner: record, account is broken into":
        return r["class"] == "account-abused"
    return is_proven(r) if trial.startswith("owner") else is_foreign(r)


def print_rates(by_trial, what):
    sets = {"all": lambda w: True, "that return something": lambda w: w["returns"],
            "with a Message-ID": lambda w: w["id"]}
    print(f"{'right: owner, genuine and proven;':42}" + "".join(f"{n:>30}" for n in sets))
    print("others, not yours or spam in a bounce")
    for trial, found in by_trial.items():
        if trial.startswith(("owner", "forged", "stranger")):
            line = ""
            for has in sets.values():
                of = [r for r in found if has(what[r["file"]])]
                right = sum(is_right(trial, r) for r in of)
                line += f"{f'{right} of {len(of)}  {share(right, len(of)):>7}':>30}"
            print(f"  {trial:40}{line}")
    print()


def is_wrongly_certain(r):
    owner = r["trial"].startswith("owner") and "broken" not in r["trial"]
    return r["confidence"] == "certain" and (r["class"] == "genuine") != owner and not (
        r["trial"].startswith(("phish", "spam as")) and r["class"] == "phishing")


def is_wrong(r):
    t = r["trial"]
    if t.startswith("owner") and t != "owner: addresses":
        return r["class"] != "genuine" if t == "owner: all" else is_foreign(r) or r["class"] == "phishing"
    if t.startswith(("forged", "stranger")):
        return t.endswith("all") and not is_foreign(r)
    return t.startswith(("spam", "phish")) and r["class"] == "genuine"


def report(found, what, wants_wrong):
    by_trial = collections.defaultdict(list)
    for r in found:
        by_trial[r["trial"]].append(r)
    real = {t: f for t, f in by_trial.items() if not t.startswith(("spam", "phish"))}
    print_matrix("Real notices", real)
    print_rates(real, what)
    print_matrix("Spam in the notices of six systems, to whoever was forged",
                 {t: f for t, f in by_trial.items() if t.startswith(("spam:", "spam from"))})
    print_matrix("Tricks, and spam that comes like a notice",
                 {t: f for t, f in by_trial.items() if t.startswith(("phish", "spam as"))})
    print("certain, and wrong:", sum(map(is_wrongly_certain, found)))
    if wants_wrong:
        for r in found:
            if is_wrong(r) or is_wrongly_certain(r):
                print(f"{r['trial']}: {r['file']}: {r['class']}, {r['confidence']}, {r['provenance']} ({r['kind']}, "
                      f"{r.get('id', 'no Message-ID')}): {' '.join(r['facts'])}")


def main():
    words = sys.argv[1:]
    half = words.pop(words.index("--half") + 1) if "--half" in words[:-1] else None
    wants_wrong = "--wrong" in words
    places = [w for w in words if not w.startswith("--")]
    if len(places) != 2 or half not in (None, "first", "second"):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as directory:
        bench = Bench(*places, directory)
        notices = {s: bench.notice_by(s) for s in SYSTEMS}
        what = {}
        for label in bench.labels:
            if half and half_of(label["file"]) != half:
                continue
            if label["set"] == "bounce" and ABOUT_MAIL & set(some(label["kind"])):
                what[label["file"]] = bench.add_notice(label)
            if label["set"] == "fake":
                bench.add_trick(label, label["verdict"] == "phishing")
                if label["verdict"] != "phishing":
                    bench.add_spam(label, notices)
        report(bench.run(), what, wants_wrong)


if __name__ == "__main__":
    main()
