"""Notices taken apart and put together, without a line of the code that is measured by them."""
import base64
import email
import email.policy
import email.utils
import hashlib
import pathlib
import quopri
import re
import subprocess

FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
IN_A_PART = re.compile(rb"(?im)^content-type:[ \t]*(?:message/(?:rfc822|global)|text/rfc822-headers)")
# No message may be encoded as a whole (RFC 2046 5.2.1); some are.
ENCODED_PART = re.compile(rb"(?i)content-transfer-encoding: quoted-printable\s+"
                          rb"content-type: message/rfc822.*\r?\n\r?\n")
TELLING = {b"from", b"to", b"subject", b"date", b"message-id", b"received"}
# What a server of ours signs, and each once more, so that none can be added.
SIGNED = [b"From", b"To", b"Cc", b"Reply-To", b"Subject", b"Date", b"Message-ID", b"In-Reply-To", b"References",
          b"Auto-Submitted", b"MIME-Version", b"Content-Type", b"Content-Transfer-Encoding"]
# Another message of the same sender: its signature is taken, and put on a header that it was not made for.
ANOTHER = (b"From: somebody@example.org\r\nTo: an-enemy@example.net\r\nSubject: Another\r\n"
           b"Date: Sat, 1 Jan 2000 00:00:00 +0000\r\nMessage-ID: <another@example.org>\r\n")


class Fields:
    """A header: [(name, the whole field with its line end)]."""
    def __init__(self, header):
        self.all = []
        for line in header.splitlines(keepends=True):
            if line[:1] in b" \t" and self.all:
                self.all[-1] = (self.all[-1][0], self.all[-1][1] + line)
            elif FIELD.match(line):
                self.all.append((line.split(b":")[0].strip(), line))

    def values(self, name):
        return [whole.split(b":", 1)[1] for n, whole in self.all if n.lower() == name.lower()]

    def text(self, name):
        """The first one, decoded."""
        for value in self.values(name):
            try:
                return str(email.header.make_header(email.header.decode_header(value.decode("latin-1")))).strip()
            except (LookupError, UnicodeError, email.errors.HeaderParseError):
                return value.decode("latin-1").strip()
        return ""

    def addresses(self, *names):
        found = email.utils.getaddresses([v.decode("latin-1") for n in names for v in self.values(n)])
        return [address.strip().lower() for _, address in found if "@" in address]

    def names(self):
        return {n.lower() for n, _ in self.all}


def split(message):
    """A message's header and where its body begins."""
    start = len(message) - len(message.lstrip(b"\r\n"))
    end = re.search(rb"\r?\n\r?\n", message[start:])
    at = start + end.end() if end else len(message)
    return Fields(message[start:at]), at


def runs(text, start):
    """(from, to, fields) of each run of lines that look like a header."""
    at, first = start, None
    for line in text[start:].splitlines(keepends=True):
        is_field = FIELD.match(line) or (first is not None and line[:1] in b" \t" and line.strip())
        if is_field and first is None:
            first = at
        if not is_field and first is not None:
            yield first, at, Fields(text[first:at])
            first = None
        at += len(line)
    if first is not None:
        yield first, at, Fields(text[first:])


def is_notice_itself(fields):
    return b"report" in b"".join(fields.values(b"Content-Type")).lower() or any(
        a.startswith("mailer-daemon@") for a in fields.addresses(b"From"))


def best_run(text, start):
    """That of the returned message, which stands in a part of its own, or is the one with most of the fields that tell
    one message from another."""
    best = None
    for part in IN_A_PART.finditer(text, start):
        if not best and part.start() > start:
            best = best_run(text, text.find(b"\n", part.end()) + 1)
    if best:
        return 99, best[1]
    for run in runs(text, start):
        count = len(run[2].names() & TELLING) - (4 if is_notice_itself(run[2]) else 0)
        if count >= 2 and (not best or count > best[0]):
            best = (count, run)
    return best


class Returned:
    """The header that a notice returns; `put` gives the notice with something before that header."""
    def __init__(self, notice):
        self.notice, self.part, self.fields = notice, None, None
        _, body = split(notice)
        found = best_run(notice, body)
        for part in email.message_from_bytes(notice, policy=email.policy.compat32).walk():
            coding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
            if coding not in ("base64", "quoted-printable") or part.get_content_type() != "text/plain":
                continue
            decoded = best_run(part.get_payload(decode=True) or b"", 0)
            if decoded and (not found or decoded[0] >= found[0]):
                found, self.part = decoded, (part, coding)
        if found:
            self.start, self.end, self.fields = found[1]
        if encoded := ENCODED_PART.search(notice):
            self.part, self.start = None, encoded.end()
            self.end = re.compile(rb"\n\r?\n").search(notice, self.start).start() + 1
            self.fields = Fields(quopri.decodestring(notice[self.start:self.end]))
        self.is_encoded = bool(encoded)

    def put(self, more):
        if not self.part:
            more = quopri.encodestring(more) if self.is_encoded else more
            return self.notice[:self.start] + more + self.notice[self.start:]
        part, coding = self.part
        text = part.get_payload(decode=True)
        text = text[:self.start] + more + text[self.start:]
        coded = quopri.encodestring(text) if coding == "quoted-printable" else base64.encodebytes(text)
        raw = part.get_payload().encode("ascii", "surrogateescape")
        if self.notice.count(raw) != 1:
            raise ValueError("the part is not found again")
        return self.notice.replace(raw, coded)

    def replace(self, message):
        """The notice with another message in the place of this one, as far as it returned that one's body."""
        header, body = message[:split(message)[1]], message[split(message)[1]:]
        rest = self.notice[self.end:]
        boundaries = re.findall(rb"boundary=\"?([^\";\r\n]+)", self.notice)
        ends = [m.start() for b in boundaries if (m := re.search(rb"\n--" + re.escape(b), rest))]
        end = min(ends) if ends else len(rest)
        has_body = bool(rest[:end].strip())
        return (self.notice[:self.start] + header.rstrip(b"\r\n") + b"\n" + (b"\n" + body if has_body else b"")
                + rest[end:])


# ---- what was known when it was sent

def dates_of(fields):
    for value in fields.values(b"Date"):
        try:
            return int(email.utils.parsedate_to_datetime(value.decode("latin-1").strip()).timestamp())
        except (ValueError, TypeError, OverflowError):
            pass
    return 1_000_000_000


def message_id(fields, notice):
    """Of the returned message; else one that the notice's own words tell."""
    values = fields.values(b"Message-ID") if fields else []
    if not values:
        values = re.findall(rb"(?im)^[> \t]+message-id:([^\r\n]*)", notice[split(notice)[1]:])
    for value in values:
        word = value.decode("latin-1").strip()
        if found := re.search(r"<\s*([^<>\s]+)\s*>", word):
            return found.group(1)
        if word:
            return word.split()[0]
    return ""


def as_sent(header, fields):
    """What the header had when it was signed. Where no Received field came back, neither did all others: what every
    message has, and this one lacks, was cut off."""
    names = fields.names()
    if b"received" in names:
        return header
    return b"".join(b"%s: cut off\n" % n for n in (b"From", b"Date", b"Message-ID") if n.lower() not in names) + header


# ---- signing, as RFC 6376 has it (relaxed)

def relaxed(whole):
    name, value = whole.split(b":", 1)
    value = re.sub(rb"[ \t]+", b" ", value.replace(b"\r", b"").replace(b"\n", b"")).strip(b" \t")
    return name.strip(b" \t").lower() + b":" + value


class Signer:
    def __init__(self, directory, domain):
        self.key, self.domain = pathlib.Path(directory) / "key.pem", domain
        self.openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.key)
        public = self.openssl("pkey", "-in", self.key, "-pubout", "-outform", "DER")
        self.record = "v=DKIM1; k=rsa; p=" + base64.b64encode(public).decode()

    @staticmethod
    def openssl(*words, given=None):
        return subprocess.run(["openssl", *words], input=given, check=True, capture_output=True).stdout

    def sign(self, header, made):
        """The field for a header."""
        by_name = {}
        for name, whole in Fields(header).all:
            by_name.setdefault(name.lower(), []).append(whole)
        names = [n for n in SIGNED for _ in range(len(by_name.get(n.lower(), [])) + 1)]
        field = (f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain}; s=bench; t={made};\n"
                 f"\th={':'.join(n.decode() for n in names)};\n"
                 f"\tbh={base64.b64encode(hashlib.sha256(b'').digest()).decode()};\n\tb=").encode()
        left = {n: list(v) for n, v in by_name.items()}
        lines = [relaxed(left[n.lower()].pop()) for n in names if left.get(n.lower())]
        octets = self.openssl("dgst", "-sha256", "-sign", self.key, given=b"\r\n".join([*lines, relaxed(field)]))
        text = base64.b64encode(octets).decode()
        return field + "\n\t".join(text[i:i + 66] for i in range(0, len(text), 66)).encode() + b"\n"
