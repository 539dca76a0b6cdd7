"""Is a notice built to the letter? A strict check of what plainpost writes, by rules of its own and no parser of
others: the header and its words (RFC 5322, 2047, 3834), parts and encodings (RFC 2045, 2046, 6522), the report (RFC
3464, 3461, 6533). notice_readers.py asks independent parsers; tests/e2e/test_notice_check.py breaks every rule once.

    faults(raw)                      what is wrong, as (rule, detail); nothing is well
    faults(raw, envid=…, orcpt=…)    the same, knowing what the sender asked for, see status_check.py
"""
import base64
import binascii
import csv
import email.header
import io
import re
import unicodedata
from email.utils import parsedate_to_datetime

from status_check import ADDRESS, DATE, MESSAGE_ID, STATUS_RULES, check_status

RULES = {
    "line-ends": "all lines end in CRLF, or all in LF as in a file; nothing else breaks a line",
    "line-length": "no line has more than 998 octets (RFC 5322 2.1.1)",
    "nul": "no NUL (RFC 2045 2.7)",
    "header-syntax": "every line of a header is a field or continues one (RFC 5322 2.2)",
    "header-folding": "a line of the header with over 78 characters has no place to fold it (RFC 5322 2.1.1)",
    "header-ascii": "a header has ASCII only, unless SMTPUTF8 is needed for its own address (RFC 6532)",
    "field-once": "no field stands twice (RFC 5322 3.6)",
    "field-required": "From, To, Subject, Date, Message-ID, MIME-Version, Content-Type, Auto-Submitted are there",
    "field-value": "From, To, Date, Message-ID, In-Reply-To, References, MIME-Version, Content-Language are "
                   "well-formed",
    "auto-submitted": "it says that a machine wrote it (RFC 3834 5)",
    "null-path": "its return path is the null path (RFC 3461 6.1)",
    "encoded-word": "encoded words are well-formed, short and whole (RFC 2047)",
    "content-type": "Content-Type is well-formed (RFC 2045 5.1)",
    "encoding-name": "Content-Transfer-Encoding is one of the five, and 7bit, 8bit or binary where parts are inside",
    "encoding-label": "octets above 127 stand only where every level is labelled with 8bit (RFC 2045 6.4)",
    "encoding-form": "quoted-printable and base64 are well-formed (RFC 2045 6.7, 6.8)",
    "charset": "a text is in its character set, US-ASCII or UTF-8",
    "boundary": "boundaries are well-formed, close, and nothing inside looks like one (RFC 2046 5.1.1)",
    "report-type": "it is a multipart/report of type delivery-status (RFC 6522 3)",
    "report-parts": "it has a text, a status part, and perhaps the returned message, in this order (RFC 6522 3)",
    "alternative": "a text in two forms has the plain one first, then HTML",
    "text-width": "a line of the text has at most 78 columns where words allow",
    "html": "the HTML names its language, and fetches and runs nothing",
    "returned": "what is returned is a message or a header, as its type says (RFC 6522 4)",
    "failed-recipients": "X-Failed-Recipients names recipients that failed",
    "digest-parts": "a digest, of many messages, is a multipart/mixed of its text in two forms and its table",
    "digest-table": "the table is of comma-separated values (RFC 4180), and says of each recipient the result, the "
                    "cause, a status that fits, when, and the message's queue id; nothing in it is a formula",
    "digest-number": "the subject has the number of messages that the table has",
    **STATUS_RULES,
}
ONCE = ("from sender reply-to to cc bcc date message-id in-reply-to references subject mime-version content-type "
        "content-transfer-encoding content-language auto-submitted x-failed-recipients return-path").split()
TRACE = "received return-path delivered-to dkim-signature authentication-results x-original-to".split()
TOKEN = r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+"
PARAMETER = re.compile(rf';[ \t\n]*({TOKEN})=({TOKEN}|"(?:[^"\\]|\\.)*")[ \t\n]*')
RETURNED = {"delivery-status": ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")}
FORBIDDEN = re.compile(r"<(?:script|iframe|object|embed|form|link|base)\b|\b(?:src|background|srcset)\s*=|url\(|@import"
                       r"|\bon\w+\s*=|javascript:", re.I)


class Faults(list):
    def add(self, rule, detail=""):
        assert rule in RULES, rule
        self.append((rule, detail))


class Part:
    """A header and what follows it; raises nothing, notes everything."""

    def __init__(self, raw, faults):
        head, gap, body = raw.partition(b"\n\n") if not raw.startswith(b"\n") else (b"", b"\n", raw[1:])
        self.head, self.body, self.faults, self.fields, self.parts = head, body, faults, [], []
        self.has_gap = bool(gap)
        self.read_fields(head)
        self.type, self.parameters = self.read_type()
        self.encoding = self.value("content-transfer-encoding", "7bit").strip().lower()

    def read_fields(self, head):
        for line in head.split(b"\n") if head else []:
            if re.match(rb"[ \t]+[^ \t]", line) and self.fields:
                self.fields[-1][1] += b"\n" + line
            elif m := re.match(rb"([!-9;-~]+):(?: |$)(.*)", line):
                self.fields.append([m[1].decode().lower(), m[2]])
            else:
                self.faults.add("header-syntax", line[:80])

    def value(self, name, other=""):
        found = [v.decode("utf-8", "replace") for n, v in self.fields if n == name]
        return found[0] if found else other

    def read_type(self):
        text = self.value("content-type", "text/plain; charset=us-ascii").strip()
        m = re.match(rf"({TOKEN})/({TOKEN})[ \t\n]*", text)
        rest = text[m.end():] if m else text
        found = {k.lower(): v.strip('"') for k, v in PARAMETER.findall(rest)}
        if not m or PARAMETER.sub("", rest) or len(found) != len(PARAMETER.findall(rest)):
            self.faults.add("content-type", text)
            return "", {}
        return f"{m[1]}/{m[2]}".lower(), found

    def content(self):
        """The octets, decoded."""
        try:
            if self.encoding == "base64":
                return base64.b64decode(self.body.replace(b"\n", b""), validate=True)
            return binascii.a2b_qp(self.body) if self.encoding == "quoted-printable" else self.body
        except binascii.Error as e:
            self.faults.add("encoding-form", str(e))
            return b""

    def all(self):
        yield self
        for part in self.parts:
            yield from part.all()


# ---- lines

def with_lf(raw, faults):
    """The message with LF line ends."""
    if b"\r" in raw:
        if re.search(rb"\r(?!\n)|(?<!\r)\n", raw):
            faults.add("line-ends")
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not raw.endswith(b"\n"):
        faults.add("line-ends", "the last line has none")
    for line in raw.split(b"\n"):
        if len(line) > 998:
            faults.add("line-length", line[:60])
    if b"\0" in raw:
        faults.add("nul")
    return raw


# ---- header

def check_words(name, raw, faults):
    text = raw.decode("ascii", "replace")
    form = r"=\?([^?\s]+)\?([bBqQ])\?([^?\s]*)\?="
    words = list(re.finditer(form, text))
    if "=?" in re.sub(form, "", text):
        faults.add("encoded-word", text)
    for m in words:
        at_edge = text[:m.start()][-1:] in ("", *" \t\n(") and text[m.end():][:1] in ("", *" \t\n)")
        try:
            octets = base64.b64decode(m[3], validate=True) if m[2] in "bB" else binascii.a2b_qp(m[3].replace("_", " "))
            octets.decode(m[1])
        except (ValueError, LookupError):
            at_edge = False
        if len(m[0]) > 75 or not at_edge:
            faults.add("encoded-word", m[0])
    if words and any(len(line) > 76 for line in f"{name}: {text}".split("\n")):
        faults.add("encoded-word", "a line with one has over 76 characters")


def check_fields(part, faults, is_utf8=False):
    names = [n for n, _ in part.fields]
    for name in set(names):
        if name in ONCE and names.count(name) > 1:
            faults.add("field-once", name)
    for name, value in part.fields:
        if not value.isascii() and not is_utf8:
            faults.add("header-ascii", name)
        if name in TRACE:
            continue
        check_words(name, value, faults)
        for line in (name.encode() + b": " + value).split(b"\n"):
            if len(line) > 78 and re.search(rb"\S[ \t]+\S", line.split(b": ", 1)[-1]):
                faults.add("header-folding", line)


def is_date(text):
    if not re.fullmatch(DATE, text.strip()):
        return False
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return False
    return text.strip().startswith(when.strftime("%a"))


def check_head(top, faults):
    for name in "from to subject date message-id mime-version content-type auto-submitted".split():
        if not top.value(name).strip():
            faults.add("field-required", name)
    mailbox = rf"(?:(?:[^<>\"@,:;()\[\]\\]*|\"[^\"]*\") *<{ADDRESS}>|{ADDRESS})"
    forms = {"from": mailbox, "to": mailbox, "message-id": MESSAGE_ID, "in-reply-to": MESSAGE_ID,
             "references": rf"{MESSAGE_ID}(?:\s+{MESSAGE_ID})*", "mime-version": r"1\.0",
             "content-language": r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*(?:, [A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)*"}
    for name, form in forms.items():
        value = top.value(name).strip()
        if value and not re.fullmatch(form, value):
            faults.add("field-value", f"{name}: {value}")
    if not is_date(top.value("date")):
        faults.add("field-value", f"date: {top.value('date')}")
    if top.value("auto-submitted").strip().lower() not in ("auto-replied", "auto-generated"):
        faults.add("auto-submitted", top.value("auto-submitted"))
    if top.value("return-path", "<>").strip() != "<>":
        faults.add("null-path", top.value("return-path"))


# ---- parts

def split(part, faults):
    boundary = part.parameters.get("boundary", "")
    if not re.fullmatch(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]", boundary):
        faults.add("boundary", boundary)
        return
    edge, pieces, has_end = b"--" + boundary.encode(), [[]], False
    for line in part.body.split(b"\n"):
        if has_end:
            if line:
                faults.add("boundary", "something follows the end")
        elif line == edge:
            pieces.append([])
        elif line == edge + b"--":
            has_end = True
        elif line.startswith(edge):
            faults.add("boundary", line)
        else:
            pieces[-1].append(line)
    if not has_end or len(pieces) < 2:
        faults.add("boundary", "it does not end" if not has_end else "it has no part")
    part.parts = [Part(b"\n".join(lines), faults) for lines in pieces[1:]]


def check_encoding(part, faults, is_8bit_around):
    is_composite = part.type.startswith("multipart/") or part.type in ("message/rfc822", "message/delivery-status")
    plain = ("7bit",) if part.type == "message/delivery-status" else ("7bit", "8bit", "binary")
    if part.encoding not in (plain if is_composite else (*plain, "quoted-printable", "base64")):
        faults.add("encoding-name", f"{part.type}: {part.encoding}")
    is_8bit = part.encoding in ("8bit", "binary")
    if not part.body.isascii() and not (is_8bit and is_8bit_around):
        faults.add("encoding-label", f"{part.type}: {part.encoding}")
    lines = part.body.split(b"\n")
    if part.encoding == "quoted-printable" and any(
            len(line) > 76 or re.search(rb"=(?![0-9A-F]{2}|$)|[ \t]$", line) for line in lines):
        faults.add("encoding-form", "quoted-printable")
    if part.encoding == "base64" and any(len(line) > 76 for line in lines):
        faults.add("encoding-form", "base64")


def take_apart(part, faults, is_8bit_around=True):
    check_encoding(part, faults, is_8bit_around)
    if part.type.startswith("multipart/"):
        split(part, faults)
        for inner in part.parts:
            check_fields(inner, faults)
            take_apart(inner, faults, is_8bit_around and part.encoding in ("8bit", "binary"))


# ---- what people read

def width(text):
    return sum(0 if unicodedata.combining(c) or unicodedata.category(c) == "Cf" else
               2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def text_of(part, faults):
    charset = part.parameters.get("charset", "us-ascii").lower()
    try:
        assert charset in ("us-ascii", "utf-8")
        return part.content().decode(charset)
    except (AssertionError, UnicodeError):
        faults.add("charset", charset)
        return ""


def check_plain(part, faults):
    for line in text_of(part, faults).splitlines():
        if width(line) > 78 and all(width(word) <= 60 for word in line.split()):
            faults.add("text-width", line)


def check_html(part, faults):
    text = text_of(part, faults)
    if not re.search(r"<html[^>]*\blang=\"?[a-z]", text, re.I) or FORBIDDEN.search(text):
        faults.add("html", str(FORBIDDEN.search(text)))


def check_text(part, faults):
    if part.type == "text/plain":
        check_plain(part, faults)
    elif part.type == "multipart/alternative" and [p.type for p in part.parts] == ["text/plain", "text/html"]:
        check_plain(part.parts[0], faults)
        check_html(part.parts[1], faults)
    elif part.type == "multipart/alternative":
        faults.add("alternative", " ".join(p.type for p in part.parts))
    else:
        faults.add("report-parts", f"the first is {part.type}")


def check_returned(part, faults):
    if part.type not in RETURNED["delivery-status"]:
        faults.add("report-parts", f"the third is {part.type}")
        return
    inner = Part(part.content().replace(b"\r\n", b"\n"), Faults())
    is_header = part.type.endswith("headers")
    if not inner.fields or (is_header and inner.body.strip()) or (not is_header and not inner.has_gap):
        faults.add("returned", part.type)


# ---- many messages at once

COLUMNS = "recipient result cause status reply server words time queue_id subject".split(" ")
FLOOD = "time server subject queue_id".split(" ")  # of notices that were kept out
REFUSED = "server count first last".split(" ")  # of those that were refused
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"
ROW = {"result": r"failed|delayed", "cause": r"[a-z]+(?:-[a-z]+)*(?:/[a-z]+(?:-[a-z]+)*)?", "status": r"[45]\.\d+\.\d+",
       "reply": r"(?:[45]\d\d)?", "time": TIME, "queue_id": r"[0-9a-z]{11}", "count": r"[1-9]\d*", "first": TIME, "last": TIME}


def check_row(row, faults):
    if None in row or None in row.values():
        faults.add("digest-table", f"{row} has another number of fields")
        return
    for name in ROW.keys() & row.keys():
        if not re.fullmatch(ROW[name], row[name]):
            faults.add("digest-table", f"{name}: {row[name]}")
    if "result" in row and ((row["result"] == "failed") != row["status"].startswith("5") or not row["recipient"]):
        faults.add("digest-table", f"{row}")
    if any(value[:1] in ("=", "+", "-", "@") or re.search(r"[\0-\x1f\x7f]", value) for value in row.values()):
        faults.add("digest-table", f"{row} has a formula, or a control character")


def check_table(part, subject, faults):
    """With as many messages as the subject says, unless there are more than the table holds."""
    rows = list(csv.DictReader(io.StringIO(text_of(part, faults), newline=""), strict=True))
    names = list(rows[0]) if rows else []
    if names not in (COLUMNS, FLOOD, REFUSED):
        faults.add("digest-table", f"its names are {names or 'none'}")
        return
    has_more = bool(re.fullmatch(r"and \d+ more", rows[-1][names[0]]))
    for row in rows[:-1] if has_more else rows:
        check_row(row, faults)
    if names in (FLOOD, REFUSED):
        number = re.search(r"(?<!\d)\d+(?![\d年月日])", subject)
        count = len(rows) if names == FLOOD else sum(int(row["count"]) for row in rows)
        if not number or int(number[0]) < count:  # earlier ones have told of others; or there are more servers
            faults.add("digest-number", f"{count}: {subject}")
        return
    results = {row["result"] for row in rows}
    counted = {row["queue_id"] for row in rows if row["result"] == "failed" or "failed" not in results}
    number = re.search(r"\d+", subject)
    if not has_more and (not number or int(number[0]) != len(counted)):
        faults.add("digest-number", f"{len(counted)}: {subject}")


def is_digest(top):
    return top.type == "multipart/mixed" and top.parts and top.parts[-1].type == "text/csv"


def is_letter(top):
    """Of no message: about an account. All of it is a text in two forms."""
    return top.type == "multipart/alternative"


def check_digest(top, faults):
    if [p.type for p in top.parts] != ["multipart/alternative", "text/csv"]:
        faults.add("digest-parts", " ".join(p.type for p in top.parts))
        return
    check_text(top.parts[0], faults)
    words = email.header.decode_header(top.value("subject"))
    subject = "".join(w.decode(c or "ascii") if isinstance(w, bytes) else w for w, c in words)
    check_table(top.parts[1], subject, faults)


# ---- all of it

def check_report(top, faults, **asked):
    if top.type != "multipart/report" or top.parameters.get("report-type") != "delivery-status":
        faults.add("report-type", top.value("content-type"))
        return
    if not 2 <= len(top.parts) <= 3:
        faults.add("report-parts", f"{len(top.parts)} of them")
        return
    check_text(top.parts[0], faults)
    status = top.parts[1]
    if status.type not in ("message/delivery-status", "message/global-delivery-status"):
        faults.add("report-parts", f"the second is {status.type}")
        return
    is_global = status.type == "message/global-delivery-status"
    recipients = check_status(status.content(), is_global, faults, is_date, **asked)
    failed = [address for address, action in recipients if action == "failed"]
    for named in filter(None, re.split(r",\s*", top.value("x-failed-recipients").strip())):
        if named not in failed:
            faults.add("failed-recipients", named)
    if len(top.parts) == 3:
        check_returned(top.parts[2], faults)


def faults(raw, **asked):
    found = Faults()
    top = Part(with_lf(raw, found), found)
    is_utf8 = not top.value("to").isascii()
    check_fields(top, found, is_utf8)
    check_head(top, found)
    take_apart(top, found)
    if is_digest(top):
        check_digest(top, found)
    elif is_letter(top):
        check_text(top, found)
    else:
        check_report(top, found, **asked)
    return found
