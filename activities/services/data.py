"""What the forms (and the demo) hand to the services of this room."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping
    from decimal import Decimal

    from activities.models import Activity
    from agreements.models import Indicator, Task
    from core.models import StoredFile
    from partners.models import Locality, Organisation


@dataclass(frozen=True)
class Quantity:
    """A value of an indicator in its unit; a ratio carries what it was divided from (value is then in per cent)."""

    value: Decimal
    numerator: Decimal | None = None
    denominator: Decimal | None = None


@dataclass(frozen=True)
class Share:
    """What one funder gave, in đồng: a body of the register, or a name that is in no register."""

    amount: int
    organisation: Organisation | None = None
    funder: str = ""
    is_in_kind: bool = False


@dataclass(frozen=True)
class ActivityData:
    """Everything typed about one activity. quantities: indicator id → Quantity; absent = not reported, never 0.

    unit: who did the work. value: đồng, cash and kind together; value_in_kind: the part given in kind. contributions:
    who paid the value, () = not told apart. copied_from: the earlier entry its texts come from. files are added to the
    evidence; remove_evidence: ids to take off.
    """

    task: Task
    unit: Organisation
    what_was_done: str = ""
    starts_on: datetime.date | None = None
    ends_on: datetime.date | None = None
    title: str = ""
    locality: Locality | None = None
    place: str = ""
    households: int | None = None
    persons: int | None = None
    turns: int | None = None
    beneficiary_group: str = ""
    is_approximate: bool = False
    value: int | None = None
    value_in_kind: int | None = None
    value_source: str = ""
    contributions: tuple[Share, ...] = ()
    copied_from: Activity | None = None
    joint_units: tuple[Organisation, ...] = ()
    quantities: Mapping[int, Quantity] = field(default_factory=dict)
    files: tuple[StoredFile, ...] = ()
    remove_evidence: frozenset[int] = frozenset()


@dataclass(frozen=True)
class MeasurementData:
    """A value of an indicator that comes from a paper, not from an activity. source: that paper, required."""

    indicator: Indicator
    unit: Organisation
    as_of: datetime.date
    quantity: Quantity
    source: str
    locality: Locality | None = None
    is_approximate: bool = False
