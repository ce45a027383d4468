"""What every page shows around its content: the house, the navigation and its counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from partners.models import Organisation

if TYPE_CHECKING:
    from django.http import HttpRequest


def house(request: HttpRequest) -> dict[str, Any]:
    """Return `site` (committee in two lines, help contact) and `nav` (entries of the header by role)."""
    front = Organisation.objects.committees().filter(level=Organisation.Level.PROVINCE).order_by("id").first()
    head, mark, place = (front.name if front else "Phối Hợp").partition(" tỉnh ")
    site = {
        "committee": head.replace("Mặt trận Tổ quốc", "MTTQ"),
        "place": f"tỉnh {place}" if mark else "",
        "is_demo": bool(front and front.is_demo),
        "help_name": settings.HELP_NAME,
        "help_phone": settings.HELP_PHONE,
        "search_url": "",
    }
    return {"site": site, "nav": []}
