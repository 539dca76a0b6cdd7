"""Compile data/signs, data/dialects and data/agents into C tables: sets of phrases that are looked for in one pass.

usage: phrase_sets.py SIGNS DIALECTS AGENTS SIGN_WORDS_H DIALECT_PHRASES_H > phrase_sets_table.c
"""
import collections
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "base"))
sys.dont_write_bytecode = True
from phrase_set import print_set, quoted  # noqa: E402


def fail(where, text):
    sys.exit(f"{where}: {text}")


def read_names(path, pattern):
    """The enum's members as the data files write them: TEXT_GIVEN_UP is text-given-up."""
    header = open(path, encoding="utf-8").read()
    return {m.lower().replace("_", "-"): m for m in re.findall(rf"^ +({pattern}[A-Z_]+)\b", header, re.M)}


def read_lines(path):
    """Each line that says something, and where it stands."""
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.strip()
        if line and not line.startswith("#"):
            yield f"{path}:{number}", line


def heading(line):
    return line[1:-1] if re.fullmatch(r"\[[^][]+\]", line) else None


def read_phrase(where, text, lower=str.lower):
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    if text != lower(text) or "  " in text or not 2 <= len(text.encode()) < 256:
        fail(where, "a phrase is in small letters, with single blanks, and has 2 to 255 bytes")
    return text


def small_ascii(text):
    return re.sub("[A-Z]", lambda m: m[0].lower(), text)


# ---- the files


def read_signs(path, names, sets):
    name, seen = None, set()
    for where, line in read_lines(path):
        if heading(line) in names:
            name, order = heading(line), 0
            continue
        phrase = read_phrase(where, line)
        if not name or heading(line) or (name, phrase) in seen:
            fail(where, "no such list in sign_words.h, or a phrase that stands in its list already")
        seen.add((name, phrase))
        sets[name.partition("-")[0]].append((phrase, names[name], order))
        order += 1


def read_agents(path, names, sets):
    rows = []
    for where, line in read_lines(path):
        agent, place, what = [part.strip() for part in (line + "||").split("|")[:3]]
        kind, _, place = place.partition(" ")
        if kind == "has" and place == "field":
            rows.append((agent, f'"{what}"'))
            continue
        if kind != "in" or f"{place}-agent" not in names:
            fail(where, "write it as SYSTEM | in PLACE | phrase, or SYSTEM | has field | name")
        sets[place].append((read_phrase(where, what), names[f"{place}-agent"], len(rows)))
        rows.append((agent, "NULL"))
    return rows


SIGNS = {"in text": "SIGN_IN_TEXT", "in subject": "SIGN_IN_SUBJECT", "in from": "SIGN_IN_FROM",
         "has field": "SIGN_FIELD"}


def read_dialects(path, roles):
    """The common phrases by role, and the systems: name, place of the sign, the sign, phrases by role."""
    common, systems = {}, []
    for where, line in read_lines(path):
        if heading(line):
            systems.append([heading(line), None, None, []])
            continue
        role, bar, text = [part.strip() for part in line.partition("|")]
        system = systems[-1] if systems else None
        if bar and system and role in SIGNS and not system[1]:
            system[1:3] = SIGNS[role], text if role == "has field" else read_phrase(where, text, small_ascii)
            continue
        if not bar or role not in roles or role == "sign" or (system and (not system[1] or role == "original")):
            fail(where, "write it as ROLE | phrase; below the name of a system its sign comes first")
        near = role in NEAR_ONLY
        phrase = read_phrase(where, text, small_ascii)
        if system:
            system[3].append((phrase, roles[role]))
        elif common.setdefault((phrase, near), roles[role]) != roles[role]:
            fail(where, "this phrase has another role already")
    return common, systems


# ---- C


NEAR_ONLY = {"behind", "inside", "told", "rcpt", "alias", "nobody"}  # as is_near_only() in dialect_hits.c


def print_near(common, roles):
    """Those that are looked at beside an address, by their end; each knows the longest other one that it ends with."""
    near = {text: role for (text, _), role in common.items()
            if role in {roles[n] for n in NEAR_ONLY} or role == roles["below"]}
    ordered = sorted(near, key=lambda t: t.encode()[::-1])
    index = {t.encode(): i for i, t in enumerate(ordered)}
    print("const struct near_phrase near_phrases[] = {")
    for text in ordered:
        data = text.encode()
        shorter = next((index[data[i:]] for i in range(1, len(data)) if data[i:] in index), -1)
        print(f"    {{{{SPAN({quoted(text)}), {near[text]}}}, {shorter}}},")
    print(f"}};\nconst size_t near_phrase_count = {len(ordered)};\n")


def print_systems(systems):
    print("static const struct dialect_phrase own_phrases[] = {")
    for name, _, _, phrases in systems:
        print(f"    /* {name} */")
        for text, role in phrases:
            print(f"    {{SPAN({quoted(text)}), {role}}},")
    print("};\nconst struct dialect_system dialect_systems[] = {")
    first = 0
    for name, place, sign, phrases in systems:
        print(f"    {{{quoted(name)}, {place}, SPAN({quoted(sign)}), own_phrases + {first}, {len(phrases)}}},")
        first += len(phrases)
    print(f"}};\nconst size_t dialect_system_count = {len(systems)};\n")


def main():
    signs, dialects, agents, sign_words, dialect_phrases = sys.argv[1:]
    names = read_names(sign_words, "(?!SIGN_)")
    roles = {n.partition("-")[2]: m for n, m in read_names(dialect_phrases, "PHRASE_").items()}
    sets = collections.defaultdict(list)
    read_signs(signs, names, sets)
    agent_rows = read_agents(agents, names, sets)
    common, systems = read_dialects(dialects, roles)
    for (text, near), role in common.items():
        if not near:
            sets["original" if role == roles["original"] else "dialect"].append((text, role, 0))
    sets["dialect"] += [(sign, roles["sign"], i) for i, (_, place, sign, _) in enumerate(systems)
                        if place == "SIGN_IN_TEXT"]

    print("/* Made by phrase_sets.py from data/signs, data/dialects and data/agents: change those. */")
    print('#include "bounce/dialect_phrases.h"\n#include "bounce/sign_words.h"\n#include "bounce/tables.h"\n')
    for name, phrases in sets.items():
        print_set(name, phrases)
    print_near(common, roles)
    print_systems(systems)
    print("const struct agent agents[] = {")
    for agent, field in agent_rows:
        print(f"    {{{quoted(agent)}, {field}}},")
    print(f"}};\nconst size_t agent_count = {len(agent_rows)};")


main()
