"""The page of mail that could not be sent, for administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.paginator import Paginator
from django.shortcuts import render

from core import mail
from partners import services

if TYPE_CHECKING:
    from django.http import HttpResponse

    from core.http import SignedInRequest

PER_PAGE = 50


def mail_list(request: SignedInRequest) -> HttpResponse:
    """List the people whose mail failed and is not out: how many, since when, the last error, the address."""
    found = mail.stuck(services.people_visible_to(request.user))
    context = {
        "page_obj": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "waiting": sum(one.waiting for one in found),
        "given_up": sum(one.given_up for one in found),
        "since": min((one.since for one in found), default=None),
        "most_tries": mail.MOST_TRIES,
        "shown_days": mail.SHOWN.days,
        "is_on": settings.MAIL_ON,
    }
    return render(request, "partners/mail_list.html", context)
