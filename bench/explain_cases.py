"""Messages that are large or absurd, into a directory: explain_cases.py DIRECTORY [MEGABYTES]"""
import base64
import pathlib
import sys

HEAD = ("From: Mail Delivery Subsystem <mailer-daemon@mx.example.org>\nTo: alice@example.org\n"
        "Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n")
REPORT = ("Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n"
          "This is the mail system. The message could not be delivered.\n\n"
          "<bob@example.net>: host mx.example.net said: 550 5.1.1 No such user\n\n--b\n"
          "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
          "Final-Recipient: rfc822; bob@example.net\nAction: failed\nStatus: 5.1.1\n"
          "Diagnostic-Code: smtp; 550 5.1.1 No such user\n\n--b\nContent-Type: message/rfc822\n\n"
          "From: alice@example.org\nTo: bob@example.net\nSubject: Hello\n")
TEXT = "could not be delivered to <bob@example.net>: 550 5.1.1 host said no such user\n"
BASE64 = base64.b64encode(bytes(range(256)) * 240).decode()
LINES = "\n".join(BASE64[i:i + 76] for i in range(0, len(BASE64), 76)) + "\n"


def fill(text, size):
    return text * (size // len(text) + 1)


def cases(size):
    """(name, message) of about `size` bytes each."""
    mixed = HEAD + "Content-Type: multipart/mixed; boundary=b\n\n"
    yield "returned-attachment", HEAD + REPORT + "Content-Type: application/zip\n" \
        "Content-Transfer-Encoding: base64\n\n" + fill(LINES, size) + "\n--b--\n"
    yield "returned-text", HEAD + REPORT + "\n" + fill(TEXT, size) + "\n--b--\n"
    yield "plain-text", HEAD + "\n" + fill(TEXT, size)
    yield "plain-text-of-a-person", HEAD.replace("mailer-daemon", "carol").replace(
        "Undelivered Mail Returned to Sender", "Hello") + "\n" + fill(TEXT, size)
    yield "quoted-text", HEAD + "Content-Transfer-Encoding: quoted-printable\n\n" + \
        fill("could not be delivered: =C3=BC=\n 550 user unknown\n", size)
    yield "base64-text", HEAD + "Content-Transfer-Encoding: base64\n\n" + fill(LINES, size)
    yield "japanese-text", HEAD + "Content-Type: text/plain; charset=iso-2022-jp\n\n" + \
        fill("\x1b$B$3$N%a!<%k$OG[?.$G$-$^$;$s\x1b(B user unknown\n", size)
    yield "one-line", HEAD + "\n" + fill("user unknown <bob@example.net> 550 5.1.1 ", size)
    yield "ats", HEAD + "\n" + fill("@", size)
    yield "empty-lines", HEAD + "\n" + fill("\n", size)
    yield "colons", HEAD + "\n" + fill("a: b\n", size)
    yield "received", HEAD + "\n" + fill("Received: by mx.example.org\nFrom: a\n\n", size)
    yield "html", HEAD + "Content-Type: text/html\n\n" + \
        fill("<p>could not be <b>delivered</b> <a href=\"https://example.org\">here</a>", size)
    yield "html-open-tags", HEAD + "Content-Type: text/html\n\n" + fill("<a<a<a", size)
    yield "html-links", HEAD + "Content-Type: text/html\n\n" + fill("<a href=\"x.example\">y", size)
    yield "small-parts", mixed + fill("--b\n\nx\n", min(size, 100000 * 7))
    yield "many-parts", mixed + fill("--b\nContent-Type: text/html\nContent-Disposition: "
                                     "attachment; filename=x.html\n\n<p>x\n", size)
    yield "many-reports", mixed + fill(
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a.example\n\n"
        "Final-Recipient: rfc822; bob@example.net\nAction: failed\nStatus: 5.1.1\n\n", size)
    yield "many-recipients", HEAD + REPORT.replace(
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n",
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n" + "".join(
            f"Final-Recipient: rfc822; bob{i}@example.net\nAction: failed\nStatus: 5.1.1\n"
            "Diagnostic-Code: smtp; 550 5.1.1 No such user\n\n" for i in range(size // 130)))
    yield "many-recipients-in-text", HEAD + "\nfailed:\n" + "".join(
        f"<bob{i}@example.net>: 550 5.1.1 no such user\n" for i in range(size // 45))
    yield "deep", HEAD + "".join(f"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n"
                                 for i in range(size // 60))
    yield "deep-messages", HEAD + fill("Content-Type: message/rfc822\n\n", size)
    yield "long-subject", "Subject: " + fill("=?utf-8?q?Undelivered_=C3=BC?= ", size) + "\n" + HEAD
    yield "long-subject-open", "Subject: " + fill("=?utf-8?q?x", size) + "\n" + HEAD
    yield "long-parameter", "Content-Type: multipart/report; " + fill("name*9=x; ", size) + "\n" + HEAD
    yield "long-folded", "X-Long: " + fill("word\n ", size) + "\n" + HEAD
    yield "many-fields", fill("X-Field: value\n", size) + HEAD
    yield "long-received", "Received: " + fill("from a by b (", size) + "\n" + HEAD
    yield "long-from", "From: " + fill("\"a\" <a@example.org>, ", size) + "\n" + HEAD
    yield "nul", HEAD + "\n" + fill("\0", size)
    yield "eight-bit", HEAD + "\n" + fill("\xe9\xff\x80", size)
    yield "carriage-returns", fill("a: b\r", size)
    yield "spaces", HEAD + "\n" + fill(" ", size)
    yield "arrows", HEAD + "\n" + fill("> ", size)
    yield "dashes", HEAD + "\n" + fill("-- \n--b\n----\n", size)


def main():
    place = pathlib.Path(sys.argv[1])
    size = int(float(sys.argv[2] if len(sys.argv) > 2 else 25) * 1000000)
    place.mkdir(parents=True, exist_ok=True)
    for name, message in cases(size):
        (place / (name + ".eml")).write_bytes(message.encode("latin-1"))


if __name__ == "__main__":
    main()
