"""List the texts of our notices, for those who replace them by their own.

usage: notice_texts.py PO-FILE > notice_texts_table.c

Which texts they are is known from the places that po/update notes in a PO file (any, they all have the same ones).
"""
import ast
import re
import sys

PLACES = {"src/bounce/write_header.c": "TEXT_IN_SUBJECT", "src/bounce/told.c": "TEXT_IN_NOTICE",
          "src/bounce/told_postmaster.c": "TEXT_IN_NOTICE", "src/bounce/told_groups.c": "TEXT_IN_NOTICE",
          "src/bounce/told_help.c": "TEXT_IN_NOTICE", "src/bounce/told_how_many.c": "TEXT_IN_DIGEST",
          "src/outcome/cause_table.c": "TEXT_OF_CAUSE", "src/bounce/told_details.c": "TEXT_IN_DETAILS",
          "src/bounce/text.c": "TEXT_IN_DETAILS", "src/bounce/words_time.c": "TEXT_IN_TIME",
          "src/bounce/told_digest.c": "TEXT_IN_DIGEST", "src/bounce/write_digest.c": "TEXT_IN_DIGEST",
          "src/bounce/told_flood.c": "TEXT_IN_DIGEST", "src/bounce/flood_digest.c": "TEXT_IN_DIGEST",
          "src/bounce/told_kept_out.c": "TEXT_IN_DIGEST", "src/bounce/told_misuse.c": "TEXT_IN_DIGEST",
          "src/bounce/told_account.c": "TEXT_IN_LETTER", "src/bounce/told_changed.c": "TEXT_IN_LETTER",
          "src/bounce/guard_reasons.c": "TEXT_IN_LETTER",
          "src/bounce/user_letter.c": "TEXT_IN_LETTER"}


def field(block, name):
    found = re.search(rf'^{name} ((?:".*"\n?)+)', block, re.M)
    return "".join(ast.literal_eval(line) for line in found[1].splitlines()) if found else None


def remark(block):
    lines = re.findall(r"^#\. ?(.*)", block, re.M)
    return "\n".join(re.sub(r"^TRANSLATORS: *", "", line) for line in lines)


def place(block):
    files = " ".join(re.findall(r"^#: (.*)", block, re.M)).split()
    return next((name for file, name in PLACES.items() if file in files), None)


def quoted(text):
    if text is None:
        return "NULL"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def main():
    blocks = open(sys.argv[1], encoding="utf-8").read().split("\n\n")
    texts = [(name, field(b, "msgid"), field(b, "msgid_plural"), remark(b)) for b in blocks if (name := place(b))]
    texts.sort(key=lambda t: list(PLACES.values()).index(t[0]))
    print('/* Made by notice_texts.py from po/: change those. */\n#include "bounce/notice_texts.h"\n')
    print("const struct notice_text notice_texts[] = {")
    for name, english, plural, note in texts:
        print(f"    {{{quoted(english)}, {quoted(plural)},\n     {quoted(note)}, {name}}},")
    print(f"}};\nconst size_t notice_text_count = {len(texts)};")


main()
