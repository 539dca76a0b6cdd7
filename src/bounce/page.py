"""Make C of the page's style, and of the hash by which its Content-Security-Policy allows it and no other.

usage: page.py PAGE_CSS > page_table.c
"""
import base64
import hashlib
import sys

style = "\n" + open(sys.argv[1], encoding="utf-8").read()
digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
lines = style.replace("\\", "\\\\").replace('"', '\\"').split("\n")
text = "\n".join(f'    "{line}\\n"' for line in lines[:-1])
print('/* Made by page.py from page.css: change that. */\n#include "bounce/tables.h"\n')
print(f'const char *const page_style =\n{text};\nconst char *const page_style_hash = "sha256-{digest}";')
