"""Draws the measurements as SVG. It has a background of its own, so that it can be read on a light and on a dark page."""

import html
import math

import peers
from results import CHECK, median, seconds

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 48, 52
COLOURS = {
    CHECK: "#0969da",
    peers.SUMS: "#9a6700",
    peers.HEADS: "#cf222e",
    peers.STATUS: "#8250df",
    peers.LIMIT: "#57606a",
}
STYLE = "font-family: system-ui, sans-serif; font-size: 13px; fill: #24292f"


def text(x, y, words, anchor="start", extra=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>{html.escape(words)}</text>'


def svg(height, title, body):
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img" style="{STYLE}">\n'
        f"<title>{html.escape(title)}</title>\n"
        f'<rect width="{WIDTH}" height="{height}" rx="6" fill="#f6f8fa" stroke="#d0d7de"/>\n'
        + text(16, 26, title, extra='font-weight="600"')
        + "\n"
        + "\n".join(body)
        + "\n</svg>\n"
    )


def powers(least, most):
    """The powers of ten around all values."""
    return range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)


def tick(exponent):
    value = 10.0**exponent
    return f"{value:g} s" if exponent >= 0 else f"{value * 1e3:g} ms" if exponent >= -3 else f"{value * 1e6:g} µs"


def curves(results, key, names, title, label):
    """CPU by size, both logarithmic; none without two sizes."""
    lines = {name: [] for name in names}
    for result in results:
        if result.case.key == key:
            for name in names:
                value = median(result, name)
                if value:
                    lines[name].append((result.case.size, value))
    lines = {name: points for name, points in lines.items() if len(points) > 1}
    if not lines:
        return None
    sizes = sorted({size for points in lines.values() for size, _ in points})
    exponents = powers(*(pick(value for points in lines.values() for _, value in points) for pick in (min, max)))
    across, up = math.log10(sizes[-1] / sizes[0]), exponents[-1] - exponents[0]

    def at(size, value):
        x = LEFT + math.log10(size / sizes[0]) / across * (WIDTH - LEFT - RIGHT)
        return x, HEIGHT - BOTTOM - (math.log10(value) - exponents[0]) / up * (HEIGHT - TOP - BOTTOM)

    body = []
    for exponent in exponents:
        y = at(sizes[0], 10.0**exponent)[1]
        body.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#d0d7de"/>')
        body.append(text(LEFT - 8, y + 4, tick(exponent), "end"))
    for size in sizes:
        x = at(size, 10.0 ** exponents[0])[0]
        body.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#d0d7de"/>')
        body.append(text(x, HEIGHT - BOTTOM + 18, f"{size:,}", "middle"))
    body.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, label, "middle"))
    ends = []
    for name, points in lines.items():
        places = [at(*point) for point in points]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        body.append(f'<path d="M{path}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>')
        body += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{COLOURS[name]}"/>' for x, y in places]
        ends.append((places[-1][1], name))
    return svg(HEIGHT, title, body + list(names_at(ends)))


def names_at(ends):
    """The lines' names at their ends, moved apart where they would overlap."""
    last = -math.inf
    for y, name in sorted(ends):
        last = max(y + 4, last + 16)
        yield text(WIDTH - RIGHT + 12, last, name, extra=f'style="fill: {COLOURS[name]}; font-weight: 600"')


def bars(results, keys, title):
    """The CPU of all commands of some cases, logarithmic."""
    body, y = [], 52
    found = [result for result in results if result.case.key in keys]
    values = [median(result, name) for result in found for name in result.measured]
    values = [value for value in values if value]
    if not values:
        return None
    exponents = powers(min(values), max(values))
    left, room = 190, WIDTH - 190 - 100
    for result in found:
        heading = result.case.title.replace("`", "")
        body.append(text(16, y, heading if len(heading) < 95 else heading[:92] + "…"))
        y += 12
        named = [(median(result, name), name) for name in result.measured if median(result, name)]
        for value, name in sorted(named):
            length = (math.log10(value) - exponents[0]) / (exponents[-1] - exponents[0]) * room
            colour = COLOURS[CHECK] if name == CHECK else "#8c959f"
            body.append(f'<rect x="{left}" y="{y}" width="{max(1, length):.1f}" height="16" fill="{colour}"/>')
            body.append(text(left - 8, y + 13, name, "end", 'font-weight="600"' if name == CHECK else ""))
            body.append(text(left + length + 6, y + 13, seconds(value)))
            y += 22
        y += 22
    body.append(text(16, y, f"Each bar begins at {tick(exponents[0])}; the scale is logarithmic."))
    return svg(y + 18, title, body)


def plots(results):
    """(file name, title, SVG) of each that there are measurements for."""
    titles = {
        "peers.svg": "CPU of check and of its peers",
        "vendored.svg": "CPU of check by the number of vendored revisions",
        "own-revisions.svg": "CPU of check by the number of own revisions",
    }
    drawn = {
        "peers.svg": bars(results, ("check", "realistic"), titles["peers.svg"]),
        "vendored.svg": curves(results, "vendored", [CHECK, peers.SUMS, peers.LIMIT], titles["vendored.svg"], "vendored revisions"),
        "own-revisions.svg": curves(
            results, "own-revisions", [CHECK, peers.HEADS, peers.SUMS, peers.LIMIT], titles["own-revisions.svg"], "own revisions"
        ),
    }
    return [(name, titles[name], picture) for name, picture in drawn.items() if picture]
