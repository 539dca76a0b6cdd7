"""Compile the translations into C tables.

usage: words.py MSGFMT [PO-FILE]... > words_table.c

gettext's own msgfmt reads and checks the PO files. All languages share one sorted list of the English texts;
what is not translated is NULL, and is said in English.
"""
import gettext
import pathlib
import re
import subprocess
import sys
import tempfile


def read(msgfmt, path):
    with tempfile.NamedTemporaryFile(suffix=".mo") as mo:
        done = subprocess.run([msgfmt, "-o", mo.name, path],
                              capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)
        translations = gettext.GNUTranslations(open(mo.name, "rb"))
    texts = {}
    for key, text in translations._catalog.items():
        english, form = key if isinstance(key, tuple) else (key, 0)
        if english:
            texts.setdefault(english, {})[form] = text
    return texts, translations.info().get("plural-forms", "")


def plural_rule(path, header):
    """The header's C expression, as C: it is checked to be nothing but arithmetic over n."""
    found = re.fullmatch(r"nplurals=([1-6]);\s*plural=([n0-9 ()%<>=!&|?:]+);?", header.strip())
    if not found:
        sys.exit(f"{path}: Plural-Forms must be like “nplurals=2; plural=(n != 1);”")
    return found[2], int(found[1]), header.strip()


def check_placeholders(path, english, forms):
    wanted = set(re.findall(r"%\d", english))
    for text in forms.values():
        if set(re.findall(r"%\d", text)) - wanted:
            sys.exit(f"{path}: “{text}” has a place (%1 …) that “{english}” has not")


def quoted(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def quoted_forms(forms):
    """All in one, each with a NUL behind it; the empty one behind them ends with the literal's own."""
    if not forms:
        return "NULL"
    return " ".join(quoted(forms[i])[:-1] + '\\0"' for i in range(len(forms)))


def main():
    languages = []
    for path in sys.argv[2:]:
        texts, header = read(sys.argv[1], path)
        for english, forms in texts.items():
            check_placeholders(path, english, forms)
        languages.append((pathlib.Path(path).stem, texts, *plural_rule(path, header)))
    english = sorted({e for _, texts, *_ in languages for e in texts}, key=lambda e: e.encode())

    print('/* Made by words.py from po/: change those. */\n#include "bounce/tables.h"\n')
    print("const char *const words_english[] = {")
    for text in english:
        print(f"    {quoted(text)},")
    print(f"    NULL}};\nconst size_t words_count = {len(english)};\n")
    print("static unsigned form_en(uint64_t n)\n{\n    return n != 1;\n}\n")
    for tag, texts, rule, *_ in languages:
        print(f"static unsigned form_{tag}(uint64_t n)\n{{\n    (void)n;\n    return (unsigned)({rule});\n}}\n")
        print(f"static const char *const texts_{tag}[] = {{")
        for text in english:
            print(f"    {quoted_forms(texts.get(text))},")
        print("    NULL};\n")
    print('const struct language languages[] = {\n    {"en", NULL, form_en, 2, "nplurals=2; plural=(n != 1);", NULL, NULL},')
    for tag, _, _, forms, header in languages:
        print(f'    {{"{tag}", texts_{tag}, form_{tag}, {forms}, {quoted(header)}, NULL, NULL}},')
    print(f"}};\nconst size_t languages_count = {len(languages) + 1};")


main()
