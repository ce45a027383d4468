"""Vietnamese text rules, reading and writing of official documents. Pure Python: no Django, no network."""
