"""Signed return paths (doc/return-paths.md), made anew, for the tests that check them."""
import hashlib
import hmac
import re
import time

LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
TAGGED = re.compile(r"(.+)\+([0-9a-z]{11})-([0-9a-z])([0-9a-z]{3})-([0-9a-z]{13})@(.+)")


def letters(octets, count):
    value, bits = int.from_bytes(octets, "big"), len(octets) * 8
    return "".join(LETTERS[value >> bits - 5 * (i + 1) & 31] for i in range(count))


def mac(secret, kind, *parts):
    text = "\0".join([f"plainpost return path: {kind}", *(p.lower() for p in parts)])
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()


def letter(secret):
    value = 2166136261
    for octet in secret.encode():
        value = (value ^ octet) * 16777619 & 0xFFFFFFFF
    return LETTERS[value >> 27]


def today():
    return int(time.time()) // 86400


def letters_of_day(day):
    return "".join(LETTERS[day >> shift & 31] for shift in (10, 5, 0))


def make(secret, sender, queue_id, day=None):
    before = f"{queue_id}-{letter(secret)}{letters_of_day(today() if day is None else day)}"
    local, domain = sender.split("@")
    signature = letters(mac(secret, "tag", sender, before)[:8] + b"\0", 13)
    return f"{local}+{before}-{signature}@{domain}"


def token(secret, sender, recipient_domain, day=None):
    day = letters_of_day(today() if day is None else day)
    return "s" + letters(mac(secret, "token", sender, recipient_domain, day), 10)
