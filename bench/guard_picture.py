"""Draws what each sign is worth as an SVG picture: what is held in error, and what an attack reaches."""
import html
import math

ROW, LEFT, WIDTH, GAP, TOP = 20, 170, 300, 40, 30
COLOURS = {"strangers": "#0072b2", "quiet": "#d55e00", "mixed": "#009e73", "known": "#cc79a7"}


def text(x, y, words, anchor="start", colour="#222"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{html.escape(words)}</text>'


def line(x1, y1, x2, y2, colour="#ccc"):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def mark(kind, x, y):
    """A shape of its own for each kind of attack, for those who see no colours."""
    shapes = {"strangers": f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"',
              "quiet": f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8"',
              "mixed": f'<path d="M{x:.1f} {y - 5:.1f}l5 9h-10z"',
              "known": f'<path d="M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5-5z"'}
    return f'{shapes[kind]} fill="{COLOURS[kind]}"/>'


def draw(rows, picture):
    """rows: (name, held in error in 1,000 user-days, {kind: recipients that an attack reached})."""
    height = TOP + ROW * len(rows) + 60
    right = LEFT + WIDTH + GAP
    bottom = TOP + ROW * len(rows)
    most = max(held for _, held, _ in rows)
    step = 10 ** math.floor(math.log10(most)) / 2
    reached = [n for _, _, by in rows for n in by.values()]
    low, high = math.floor(math.log10(min(reached))), math.ceil(math.log10(max(reached)))

    def of_held(n):
        return LEFT + WIDTH * n / (most * 1.05)

    def of_reached(n):
        return right + WIDTH * (math.log10(n) - low) / (high - low)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{right + WIDTH + 20}" height="{height}" '
           'font-family="sans-serif" font-size="12">', '<rect width="100%" height="100%" fill="#fff"/>',
           text(LEFT, 18, "held in error, in 1,000 user-days"),
           text(right, 18, "recipients that an attack reached, mean of all rates")]
    for i in range(int(most / step) + 1):
        out += [line(of_held(i * step), TOP, of_held(i * step), bottom),
                text(of_held(i * step), bottom + 16, f"{i * step:g}", "middle", "#666")]
    for n in (m * 10 ** e for e in range(low, high + 1) for m in (1, 2, 5) if m * 10 ** e <= 10 ** high):
        out += [line(of_reached(n), TOP, of_reached(n), bottom),
                text(of_reached(n), bottom + 16, f"{n:g}", "middle", "#666")]
    for i, (name, held, by) in enumerate(rows):
        y = TOP + ROW * i + ROW / 2
        out += [text(LEFT - 8, y + 4, name, "end"),
                f'<rect x="{LEFT}" y="{y - 6:.1f}" width="{of_held(held) - LEFT:.1f}" height="12" fill="#e69f00"/>']
        out += [mark(kind, of_reached(n), y) for kind, n in by.items()]
    out.append(line(of_held(rows[0][1]), TOP, of_held(rows[0][1]), bottom, "#000"))
    for i, kind in enumerate(COLOURS):
        out += [mark(kind, right + 80 * i + 5, bottom + 36), text(right + 80 * i + 14, bottom + 40, kind)]
    with open(picture, "w", encoding="utf-8") as file:
        file.write("\n".join([*out, "</svg>\n"]))
