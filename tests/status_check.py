"""The machine-readable part of a notice, to the letter: RFC 3464 2, with the address type of RFC 6533 3, and what RFC
3461 says of when a field may stand there. For notice_check.py."""
import re

STATUS_RULES = {
    "status-syntax": "groups of fields with one empty line between them, the first about the message (RFC 3464 2.1)",
    "status-ascii": "message/delivery-status has ASCII only (RFC 3464 2, RFC 6533 4)",
    "status-once": "no field stands twice in a group (RFC 3464 2.1.1)",
    "status-field": "a field is one of those defined for its group, or begins with X- (RFC 3464 2.4)",
    "status-required": "Reporting-MTA; and Final-Recipient, Action and Status of each recipient (RFC 3464 2.2, 2.3)",
    "status-type": "a typed value is an atom of a known type, a semicolon and a value (RFC 3464 2.1.2)",
    "status-host": "of the type dns: a domain, or an address in brackets (RFC 3461 9.3)",
    "status-address": "of the type rfc822: an address in ASCII; of utf-8: as RFC 6533 3 encodes it",
    "status-action": "one of the five actions (RFC 3464 2.3.3)",
    "status-code": "the status is three numbers without more (RFC 3464 2.3.4, RFC 3463 2)",
    "status-class": "the class fits the action: 2 for what went well, 4 for delayed, 4 or 5 for failed",
    "status-diagnostic": "of the type smtp: a reply, whose code fits the action (RFC 3461 9.2)",
    "status-date": "dates as in mail (RFC 3464 2.1.2)",
    "status-retry": "Will-Retry-Until only of what is delayed (RFC 3464 2.3.9)",
    "status-envid": "Original-Envelope-Id is the ENVID of the sender, and there only with one (RFC 3461 6.3)",
    "status-orcpt": "Original-Recipient is the ORCPT of the sender, and there only with one (RFC 3461 6.3)",
}
ATOM = r"[!#$%&'*+\-/0-9=?A-Z^_`a-z{|}~]+"
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?"
HOST = rf"(?:(?!(?:\d+\.)*\d+(?![\w.\-])){LABEL}(?:\.{LABEL})*|\[[0-9A-Fa-f.:]+\]|\[IPv6:[0-9A-Fa-f.:]+\])"
UTF8 = r"[^\x00-\x7f]"
LOCAL = rf"(?:(?:{ATOM}|{UTF8})+(?:\.(?:{ATOM}|{UTF8})+)*|\"(?:[^\"\\\r\n]|\\.)*\")"
ADDRESS = rf"{LOCAL}@(?:{HOST}|(?:[A-Za-z0-9\-]|{UTF8})+(?:\.(?:[A-Za-z0-9\-]|{UTF8})+)*)"
MESSAGE_ID = rf"<{ATOM}(?:\.{ATOM})*@(?:{ATOM}(?:\.{ATOM})*|\[[^\]\s]+\])>"
DATE = (r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
        r"\d\d:\d\d(?::\d\d)? [+-]\d{4}")
XTEXT_UTF8 = r"(?:[!-*,-<>-\[\]-~]|\\x\{[0-9A-F]{2,6}\})+"  # RFC 6533 3: utf-8-addr-xtext

OF_MESSAGE = "original-envelope-id reporting-mta dsn-gateway received-from-mta arrival-date deliver-by-date future-release-request".split()
OF_RECIPIENT = ("original-recipient final-recipient action status remote-mta diagnostic-code last-attempt-date "
                "final-log-id will-retry-until").split()
TYPES = {"mta": "dns x400 unix".split(), "recipient": "rfc822 utf-8 x400 unknown".split(),
         "diagnostic": "smtp x400 unix".split()}
CLASSES = {"failed": "45", "delayed": "4", "delivered": "2", "relayed": "2", "expanded": "2"}


def read_group(text, known, faults):
    """Its fields, unfolded."""
    fields = {}
    for line in re.sub(r"\n[ \t]+(?=\S)", " ", text).split("\n"):
        m = re.fullmatch(r"([!-9;-~]+): ?(.*\S)", line)
        if not m:
            faults.add("status-syntax", line)
            continue
        name = m[1].lower()
        if name in fields:
            faults.add("status-once", name)
        if name not in known and not name.startswith("x-"):
            faults.add("status-field", name)
        fields.setdefault(name, m[2])
    return fields


def typed(value, kind, faults):
    m = re.fullmatch(rf"({ATOM}); ?(\S.*)", value)
    if not m or not (m[1].lower() in TYPES[kind] or m[1].lower().startswith("x-")):
        faults.add("status-type", value)
        return "", ""
    return m[1].lower(), m[2]


def check_host(fields, name, faults):
    if name in fields:
        kind, host = typed(fields[name], "mta", faults)
        if kind == "dns" and (not re.fullmatch(HOST, host) or len(host) > 255):
            faults.add("status-host", f"{name}: {host}")


def address(value, is_global, faults):
    kind, text = typed(value, "recipient", faults)
    is_fine = {"rfc822": text.isascii() and re.fullmatch(ADDRESS, text),
               "utf-8": re.fullmatch(XTEXT_UTF8, text) or (is_global and re.fullmatch(ADDRESS, text))}
    if kind in is_fine and not is_fine[kind]:
        faults.add("status-address", value)
    if kind == "utf-8":
        text = re.sub(r"\\x\{([0-9A-F]{2,6})\}", lambda m: chr(int(m[1], 16)), text)
    return text


def check_diagnostic(fields, action, faults):
    if "diagnostic-code" not in fields:
        return
    kind, text = typed(fields["diagnostic-code"], "diagnostic", faults)
    classes = {"failed": "45", "delayed": "45"}.get(action, "2")
    if kind == "smtp" and not re.match(rf"[{classes}][0-5]\d(?:[ -]|$)", text):
        faults.add("status-diagnostic", text)


def check_recipient(fields, is_global, faults, is_date, orcpt):
    for name in ("final-recipient", "action", "status"):
        if name not in fields:
            faults.add("status-required", name)
    final = address(fields["final-recipient"], is_global, faults) if "final-recipient" in fields else ""
    original = address(fields["original-recipient"], is_global, faults) if "original-recipient" in fields else None
    action, status = fields.get("action", "").lower(), fields.get("status", "")
    if action not in CLASSES:
        faults.add("status-action", action)
    if not re.fullmatch(r"[245]\.(?:0|[1-9]\d{0,2})\.(?:0|[1-9]\d{0,2})", status):
        faults.add("status-code", status)
    elif status[0] not in CLASSES.get(action, "245"):
        faults.add("status-class", f"{action} {status}")
    if "will-retry-until" in fields and action != "delayed":
        faults.add("status-retry", action)
    if orcpt is not None and orcpt.get(final) != original:
        faults.add("status-orcpt", f"{original}, asked for was {orcpt.get(final)}")
    check_host(fields, "remote-mta", faults)
    check_diagnostic(fields, action, faults)
    check_dates(fields, faults, is_date)
    return final, action


def check_dates(fields, faults, is_date):
    for name in ("arrival-date", "last-attempt-date", "will-retry-until"):
        if name in fields and not is_date(fields[name]):
            faults.add("status-date", f"{name}: {fields[name]}")


def check_status(content, is_global, faults, is_date, envid=None, orcpt=None):
    """(address, action) of each recipient. `envid`: that of the sender, "" when there was none; `orcpt`: the address
    of his ORCPT by that of the recipient, where he gave one; None: not known."""
    if not content.isascii() and not is_global:
        faults.add("status-ascii")
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    if not text.endswith("\n"):
        faults.add("status-syntax", "the last line has no end")
    groups = text.removesuffix("\n").split("\n\n")
    if len(groups) < 2 or any(g.startswith("\n") or not g.strip() for g in groups):
        faults.add("status-syntax", f"{len(groups)} groups")
    message = read_group(groups[0].strip("\n"), OF_MESSAGE, faults)
    if "reporting-mta" not in message:
        faults.add("status-required", "reporting-mta")
    if envid is not None and message.get("original-envelope-id", "") != envid:
        faults.add("status-envid", message.get("original-envelope-id", ""))
    for name in ("reporting-mta", "dsn-gateway", "received-from-mta"):
        check_host(message, name, faults)
    check_dates(message, faults, is_date)
    return [check_recipient(read_group(g.strip("\n"), OF_RECIPIENT, faults), is_global, faults, is_date, orcpt)
            for g in groups[1:]]
