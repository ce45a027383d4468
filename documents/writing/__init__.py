"""Writing: plain dataclasses → papers.

`board.py` is one sheet of the dashboard, `pdf.py` sets it with Typst; `paper.py` is any paper, `layout.py` how an
official one looks, `docx.py` its Word file.
"""
