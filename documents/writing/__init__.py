"""Writing: plain dataclasses → papers. `board.py` is one sheet of the dashboard, `pdf.py` sets it with Typst."""
