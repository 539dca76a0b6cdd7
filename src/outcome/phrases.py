"""Compile data/phrases into a set of phrases that are looked for in one pass, and what each of them means.

usage: phrases.py PHRASES CAUSE_H > phrases.c
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "base"))
sys.dont_write_bytecode = True
from phrase_set import print_set  # noqa: E402


def read_names(header, prefix):
    """The enum's members as the data file writes them: CAUSE_INBOX_FULL is inbox-full."""
    return {m.lower().replace("_", "-"): f"{prefix}_{m}"
            for m in re.findall(rf"^\s+{prefix}_([A-Z_]+)\b", header, re.M)}


def read_phrases(path, causes, variants):
    seen = {}
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        if not line.strip() or line.startswith("#"):
            continue
        is_weak = "~" in line and "|" not in line
        name, bar, phrase = line.partition("~" if is_weak else "|")
        phrase = " ".join(phrase.split())
        cause, _, variant = name.strip().partition("/")
        where = f"{path}:{number}"
        if not bar or cause not in causes or (variant and variant not in variants):
            sys.exit(f"{where}: write it as CAUSE | phrase, CAUSE/VARIANT | phrase, or with ~ in place of |")
        if phrase != phrase.lower() or len(phrase.encode()) < 3:
            sys.exit(f"{where}: a phrase is in lower case and has at least three bytes")
        if seen.get(phrase, (name.strip(), is_weak)) != (name.strip(), is_weak):
            sys.exit(f"{where}: this phrase already means {seen[phrase][0]}")
        seen[phrase] = (name.strip(), is_weak)
    return {p: (causes[n.partition("/")[0]], variants[n.partition("/")[2] or "none"], weak)
            for p, (n, weak) in seen.items()}


def main():
    header = open(sys.argv[2], encoding="utf-8").read()
    phrases = read_phrases(sys.argv[1], read_names(header, "CAUSE"), read_names(header, "VARIANT"))
    print('/* Made by phrases.py from data/phrases: change those. */\n#include "outcome/phrases.h"\n')
    print_set("causes", [(text, "PHRASE_WEAK" if is_weak else "PHRASE_STRONG", index)
                         for index, (text, (_, _, is_weak)) in enumerate(phrases.items())])
    print("const struct cause_found phrase_means[] = {")
    for cause, variant, _ in phrases.values():
        print(f"    {{{cause}, {variant}}},")
    print("};")


main()
