"""The blocks of docs/python.md run, in the order of the page."""

import re


def test_the_page_of_python(source):
    text = (source / "docs" / "python.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.S | re.M)
    assert len(blocks) == 3
    exec("".join(blocks), {})
