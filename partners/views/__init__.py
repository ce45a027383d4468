"""Pages of the partners room: organisations and people."""
