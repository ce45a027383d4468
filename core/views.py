"""Pages of core: signing in and out, one's own account, notices."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import auth, messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core import audit, emails, feeds, services
from core import sign_in as entry
from core.account_forms import AccountForm, NoticeForm, PasswordForm, SignInForm
from core.exceptions import DomainError, Stale
from core.forms import add_error
from core.http import conflict_page, form_data, once, safe_next
from core.middleware import LANGUAGE_COOKIE
from core.models import Notification

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

    from core.http import SignedInRequest
    from core.models import User

LANGUAGE_AGE = 365 * 24 * 60 * 60
NOTICES_PER_PAGE = 30
NEW_FEED = "new_feed"  # session key: the secret of a feed until it was shown


def session_start(request: HttpRequest) -> HttpResponse:
    """Show the sign-in form; sign in, and bring back what was typed before the session ended."""
    target = safe_next(request, "/")
    if request.method != "POST":
        if request.user.is_authenticated:
            return redirect(target)
        return render(request, "core/session_start.html", {"form": SignInForm(), "next": target})
    form = SignInForm(request.POST)
    carried = request.POST.get("carried", "")
    if form.is_valid():
        try:
            user = entry.sign_in(request, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return _after_sign_in(request, user, carried, target)
    form.data = form.data.copy()
    form.data.pop("password", None)  # never sent back
    context = {"form": form, "next": target, "carried": carried, "session_ended": bool(carried)}
    return render(request, "core/session_start.html", context, status=200)


def _after_sign_in(request: HttpRequest, user: User, carried: str, target: str) -> HttpResponse:
    kept = entry.unpack(carried) if carried else None
    page = entry.hand_back(request, user, kept)
    if carried and page is None:
        messages.warning(request, _("What was typed before belongs to another person or is too old; it was not kept."))
    response = redirect(reverse("core:password_change") if user.must_change_password else page or target)
    response.set_cookie(
        LANGUAGE_COOKIE, user.language, max_age=LANGUAGE_AGE, samesite="Lax", secure=settings.HTTPS, httponly=True
    )
    return response


def session_end(request: HttpRequest) -> HttpResponse:
    """Sign out; the browser is asked to forget drafts it keeps (shared computers)."""
    if request.user.is_authenticated:
        audit.log(request.user, "session.end", request.user)
    auth.logout(request)
    response = redirect(reverse("core:session_start"))
    response["Clear-Site-Data"] = '"storage"'
    return response


def language_set(request: HttpRequest) -> HttpResponse:
    """Keep the language with the person and, for the sign-in page, in a cookie."""
    language = request.POST.get("language", "")
    response = redirect(safe_next(request, "/"))
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            LANGUAGE_COOKIE, language, max_age=LANGUAGE_AGE, samesite="Lax", secure=settings.HTTPS, httponly=True
        )
        if request.user.is_authenticated and request.user.language != language:
            request.user.language = language
            request.user.save(update_fields=["language"])
    return response


def password_change(request: SignedInRequest) -> HttpResponse:
    """Set one's own password: after a one-time password at once, later with the present one."""
    user = request.user
    first = user.must_change_password
    user.needs_long_password = any(actor.role == "administrator" for actor in request.actors)  # type: ignore[attr-defined]
    form = PasswordForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.change_password(
                actor=user, current=form.cleaned_data.get("current"), new=form.cleaned_data["new"]
            )
        except DomainError as error:
            add_error(form, error)
        else:
            auth.update_session_auth_hash(request, saved)
            messages.success(request, _("The new password is set. Other devices have been signed out."))
            return redirect("/" if first else reverse("core:account_show"))
    return render(request, "core/password_change.html", {"form": form, "first": first})


def account_show(request: SignedInRequest) -> HttpResponseBase:
    """Show and save one's own contact and display."""
    user = request.user
    fields = ("phone", "email", "language", "theme", "version")
    form = AccountForm(form_data(request), initial={name: getattr(user, name) for name in fields})

    def show() -> HttpResponse:
        context = {"form": form, "person": user, "actors": request.actors, "feed": feeds.current(user)}
        context["feed_secret"] = request.session.pop(NEW_FEED, "")  # shown once
        context["base_url"] = settings.BASE_URL.rstrip("/")
        return render(request, "core/account_show.html", context)

    if request.method != "POST" or not form.is_valid():
        return show()

    def act() -> HttpResponseBase:
        try:
            saved = services.update_account(actor=user, **form.cleaned_data)
        except Stale as error:
            return _account_conflict(request, form, error.current)
        with translation.override(saved.language):
            messages.success(request, _("Your account is saved."))
        response = redirect(reverse("core:account_show"))
        response.set_cookie(
            LANGUAGE_COOKIE, saved.language, max_age=LANGUAGE_AGE, samesite="Lax", secure=settings.HTTPS, httponly=True
        )
        return response

    return once(request, act)


def _account_conflict(request: SignedInRequest, form: AccountForm, current: User) -> HttpResponse:
    rows = [
        {"label": form.fields[name].label, "mine": form.cleaned_data[name], "theirs": getattr(current, name)}
        for name in ("phone", "email")
        if form.cleaned_data[name] != getattr(current, name)
    ]
    return conflict_page(request, fields=rows, current=current, cancel_url=reverse("core:account_show"))


def notice_choose(request: SignedInRequest) -> HttpResponseBase:
    """Choose how often notices are mailed, and mute groups of them."""
    user = request.user
    start = {"mail_digest": user.mail_digest, "muted": services.muted_groups(user), "version": user.version}
    form = NoticeForm(form_data(request), initial=start)

    def show() -> HttpResponse:
        context = {"form": form, "person": user, "mail_on": settings.MAIL_ON}
        return render(request, "core/notice_choose.html", context | {"cancel_url": reverse("core:account_show")})

    if request.method != "POST" or not form.is_valid():
        return show()

    def act() -> HttpResponseBase:
        try:
            services.choose_notices(actor=user, **form.cleaned_data)
        except Stale as error:
            return _notice_conflict(request, form, error.current)
        messages.success(request, _("Your choice of notices is saved."))
        return redirect(reverse("core:notice_list"))

    return once(request, act)


def _notice_conflict(request: SignedInRequest, form: NoticeForm, current: User) -> HttpResponse:
    """Both choices in words; those that are the same are left out."""
    modes, groups = dict(form.fields["mail_digest"].choices), dict(form.fields["muted"].choices)  # type: ignore[attr-defined]

    def words(names: list[str]) -> str:
        return ", ".join(str(groups[name]) for name in groups if name in names) or _("Nothing is muted")

    rows = [
        {
            "label": form.fields["mail_digest"].label,
            "mine": modes[form.cleaned_data["mail_digest"]],
            "theirs": modes[current.mail_digest],
        },
        {
            "label": form.fields["muted"].label,
            "mine": words(form.cleaned_data["muted"]),
            "theirs": words(services.muted_groups(current)),
        },
    ]
    rows = [row for row in rows if row["mine"] != row["theirs"]]
    return conflict_page(request, fields=rows, current=current, cancel_url=reverse("core:notice_choose"))


def feed_change(request: SignedInRequest) -> HttpResponseBase:
    """Make, replace or revoke one's own calendar feed; the secret is shown on the next page only."""

    def act() -> HttpResponseBase:
        action = request.POST.get("action", "")
        if action == "create":
            request.session[NEW_FEED] = feeds.create_feed(actor=request.user)
            messages.success(request, _("The address of your calendar is made. Copy it now: it is shown only once."))
        elif action == "revoke":
            feeds.revoke_feed(actor=request.user)
            messages.success(request, _("The address is revoked. Calendars that used it get nothing more."))
        else:
            messages.error(request, _("Nothing was chosen. Open the page again and press a button."))
        return redirect(reverse("core:account_show") + "#lich")

    return once(request, act)


def notice_list(request: SignedInRequest) -> HttpResponse:
    """Show one's own notices by day and, within a day, by what they are about; mark one or all as read."""
    if request.method == "POST":
        ids = [int(text) for text in request.POST.getlist("notice") if text.isascii() and text.isdigit()][:200]
        services.mark_notices_read(actor=request.user, ids=ids or None)
        return redirect(reverse("core:notice_list"))
    notices = Notification.objects.visible_to(request.user)
    page = Paginator(notices, NOTICES_PER_PAGE).get_page(request.GET.get("page"))
    days = [
        {"day": day, "groups": _by_group(list(found))}
        for day, found in groupby(page, key=lambda notice: timezone.localdate(notice.created_at))
    ]
    context = {"days": days, "page_obj": page, "unread": notices.unread().count(), "today": timezone.localdate()}
    return render(request, "core/notice_list.html", context)


def _by_group(notices: list[Notification]) -> list[dict[str, Any]]:
    """Return the notices of a day under their headings, in the order of the newest of each."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for notice in notices:
        row = {"notice": notice, "text": emails.sentence(notice)}
        groups.setdefault(str(notice.params.get("group") or ""), []).append(row)
    return [{"name": name, "rows": rows} for name, rows in groups.items()]
