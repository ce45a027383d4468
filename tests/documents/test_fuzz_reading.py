"""A bounded run of bench/fuzz_reading.py: each damaged or generated input gives a reading or a named failure."""

from __future__ import annotations

from bench.fuzz_reading import KINDS, run


def test_damaged_and_generated_inputs() -> None:
    done = run(420, seed=20261128)
    assert [row for row in done if row[2].startswith(("crash", "hang"))] == []
    assert len(done) == 420
    for kind in KINDS:
        assert any(row[1] == kind for row in done)
    assert {"read", "damaged"} <= {row[2] for row in done}
    assert max(seconds for _number, _kind, _outcome, seconds in done) < 2
