"""What the site does not take from the pages as they are.

- Comments stay behind: they hold the blocks that prepare a project for the tests.
- A link that leaves docs/ (`../CONTRIBUTING.md`) leads to that file in the repository, as it does on GitHub.
- A block that scrolls can be reached by the keyboard.
"""

import re

BLOCK = re.compile(r"<pre>((?:<span></span>)?)<code>")
OUTSIDE = re.compile(r"\]\(\.\./([^)\s]+)\)")


def on_page_markdown(markdown, config, **_):
    lines = without_comments(markdown.split("\n"))
    return OUTSIDE.sub(rf"]({config.repo_url}/blob/main/\1)", "\n".join(lines))


def on_page_content(html, **_):
    return BLOCK.sub(r'<pre tabindex="0">\1<code>', html)


def without_comments(lines):
    in_block = in_comment = False
    for line in lines:
        if not in_comment and line.startswith("```"):
            in_block = not in_block
        begins = not in_block and line.startswith("<!--")
        if not (begins or in_comment):
            yield line
        if begins or in_comment:
            in_comment = not line.endswith("-->")
