"""Compile data/phrases into one automaton (Aho-Corasick) as C tables.

usage: phrases.py PHRASES CAUSE_H > phrases.c

A state is a place in the tree of phrases; a step takes one character class. The tables are complete: every
state has a next state for every class, so that matching is one look-up a byte.
"""
import collections
import re
import sys


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
        name, bar, phrase = line.partition("|")
        phrase = " ".join(phrase.split())
        cause, _, variant = name.strip().partition("/")
        where = f"{path}:{number}"
        if not bar or cause not in causes or (variant and variant not in variants):
            sys.exit(f"{where}: write it as CAUSE | phrase, or CAUSE/VARIANT | phrase")
        if phrase != phrase.lower() or len(phrase) < 3:
            sys.exit(f"{where}: a phrase is in lower case and has at least three characters")
        if seen.get(phrase, name.strip()) != name.strip():
            sys.exit(f"{where}: this phrase already means {seen[phrase]}")
        seen[phrase] = name.strip()
    return {p: (causes[n.partition("/")[0]],
                variants[n.partition("/")[2] or "none"]) for p, n in seen.items()}


def build(phrases):
    texts = [p.encode() for p in phrases]
    alphabet = sorted({b for t in texts for b in t})
    classes = {b: i + 1 for i, b in enumerate(alphabet)}  # 0: in no phrase
    goto, ends = [{}], [-1]
    for index, text in enumerate(texts):
        state = 0
        for b in text:
            if classes[b] not in goto[state]:
                goto.append({})
                ends.append(-1)
                goto[state][classes[b]] = len(goto) - 1
            state = goto[state][classes[b]]
        ends[state] = index
    table = [[0] * (len(classes) + 1) for _ in goto]
    fail = [0] * len(goto)
    queue = collections.deque([0])
    while queue:
        state = queue.popleft()
        for c in range(len(classes) + 1):
            target = goto[state].get(c)
            if target is None:
                table[state][c] = table[fail[state]][c] if state else 0
                continue
            table[state][c] = target
            fail[target] = table[fail[state]][c] if state else 0
            if ends[target] < 0:  # the longest phrase that ends here; shorter ones lose anyway
                ends[target] = ends[fail[target]]
            queue.append(target)
    return classes, table, ends


def rows(numbers):
    text = [str(n) for n in numbers]
    return ",\n".join(",".join(text[i:i + 24]) for i in range(0, len(text), 24))


def main():
    header = open(sys.argv[2], encoding="utf-8").read()
    phrases = read_phrases(sys.argv[1], read_names(header, "CAUSE"), read_names(header, "VARIANT"))
    classes, table, ends = build(phrases)
    if len(table) > 65535:
        sys.exit("too many phrases for 16-bit states")
    print('/* Made by phrases.py from data/phrases: change those. */\n#include "outcome/phrases.h"\n')
    print(f"const unsigned phrases_classes = {len(classes) + 1};")
    print(f"const unsigned char phrases_class[256] = {{\n{rows(classes.get(b, 0) for b in range(256))}\n}};")
    print(f"const uint16_t phrases_next[] = {{\n{rows(n for row in table for n in row)}\n}};")
    print(f"const int16_t phrases_end[] = {{\n{rows(ends)}\n}};")
    print("const struct phrase phrases[] = {")
    for text, (cause, variant) in phrases.items():
        print(f"    {{{{{cause}, {variant}}}, {len(text.encode())}}},")
    print("};")


main()
