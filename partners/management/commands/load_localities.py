"""Write the communes and wards of Thái Nguyên by their official codes; safe to run again."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from partners.models import Locality

SOURCE = Path(__file__).resolve().parents[1] / "thai_nguyen.tsv"
SINCE = datetime.date(2025, 7, 1)  # the day the district level ended and two provinces became one


class Command(BaseCommand):
    """`manage.py load_localities`: the province and its 92 units since 1 July 2025."""

    help = "Write the 92 communes and wards of Thái Nguyên (official codes since 01/07/2025)"

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        self.stdout.write(f"  {load()} xã, phường")


@transaction.atomic
def load() -> int:
    """Create or update the province and its units; returns how many units there are."""
    province, _ = Locality.objects.update_or_create(
        code="19", valid_from=SINCE, defaults={"name": "Tỉnh Thái Nguyên", "kind": Locality.Kind.PROVINCE}
    )
    lines = [line for line in SOURCE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    for line in lines:
        code, kind, name, latitude, longitude = line.split("\t")
        Locality.objects.update_or_create(
            code=code,
            valid_from=SINCE,
            defaults={
                "name": name,
                "kind": kind,
                "parent": province,
                "latitude": Decimal(latitude),
                "longitude": Decimal(longitude),
            },
        )
    return len(lines)
