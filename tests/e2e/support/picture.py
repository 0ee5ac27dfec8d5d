"""Draws what commands print on a terminal, as SVG: a list of [command, what it printed] comes on standard input."""

import io
import json
import sys

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

COLUMNS = 92
# Without rich's own web font: the picture is the same without a network, and asks nobody for anything.
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
FORMAT = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title" xmlns="http://www.w3.org/2000/svg">
<title id="title">TITLE</title>
<style>
.{unique_id}-matrix {{ font-family: FONTS; font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def main():
    title, steps = json.load(sys.stdin)
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor", legacy_windows=False
    )
    for number, (command, printed) in enumerate(steps):
        if number:
            console.print()
        console.print(Text("$ ", style="green") + Text(command, style="bold"))
        console.print(Text.from_ansi(printed.rstrip("\n")))
    template = FORMAT.replace("FONTS", FONTS).replace("TITLE", title)
    svg = console.export_svg(title="", theme=DIMMED_MONOKAI, code_format=template, unique_id="run")
    sys.stdout.write("\n".join(line.rstrip() for line in svg.splitlines()) + "\n")


main()
