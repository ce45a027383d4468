"""The page kit: one keyword-only tag for each file in templates/components.

Arguments are keyword-only so that a missing or mistyped one fails when the template compiles, not on the page.
Geometry of charts goes into SVG attributes (the Content-Security-Policy allows no inline style) with a decimal point in
every language.
"""

import difflib
import re
import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BaseFormSet
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import sign_in
from core.drawn import drawn
from core.templatetags.format import number as format_number_filter

register = template.Library()

Number = Decimal | float | int | None

# The symbols of templates/_sprite.html (a test compares the two).
# fmt: off
ICONS = frozenset({
    "none", "run", "wait", "fix", "done", "over", "hold", "slow", "ask", "dash", "search",
    "menu", "x", "plus", "right", "left", "down", "arrow", "print", "load", "cam", "doc",
    "eye", "pin", "big", "cloud", "clip", "user", "edit", "trash", "lock", "bell", "emblem",
})
# fmt: on
# kind → (colour pair, icon). Late takes the "needs completing" pair: red is only overdue or an error.
STATUSES = {
    "none": ("none", "none"),
    "run": ("run", "run"),
    "wait": ("wait", "wait"),
    "fix": ("fix", "fix"),
    "done": ("done", "done"),
    "over": ("over", "over"),
    "hold": ("hold", "hold"),
    "slow": ("fix", "slow"),
    "ask": ("wait", "ask"),
    "dash": ("none", "dash"),
}
TONES = {"": "", "done": "done", "fix": "ask", "over": "over"}
BULLET_TARGET = 88.0  # per cent of the width where the target mark stands; the rest shows what is beyond it
WORDS_COMPARED = 3000  # longer texts are compared line by line: word comparison grows with the square of the length


def _icon_name(name: str) -> str:
    if name not in ICONS:
        raise ValueError(f"unknown icon {name!r}; see templates/_sprite.html")
    return name


def _clamp(value: Number) -> float | None:
    return None if value is None else min(max(float(value), 0.0), 100.0)


def _percent(value: float) -> str:
    """An SVG length: 37.5 → "37.5%", never with a decimal comma."""
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def _tick(value: Number) -> str:
    """Place of the elapsed-time tick, kept inside the bar so that its line is never cut; "" for none."""
    place = _clamp(value)
    return "" if place is None else _percent(min(max(place, 0.3), 99.7))


def _text(label: Any) -> str:
    """The words as they are in the language of the page; SafeString stays safe."""
    return label if isinstance(label, str) else str(label)


def _bar(*, done: Number, elapsed: Number, behind: bool, nodata: bool) -> dict[str, Any]:
    share, passed = _clamp(done), _clamp(elapsed)
    nodata = nodata or share is None
    gap = passed - share if behind and not nodata and passed is not None and share is not None else 0.0
    return {
        "nodata": nodata,
        "full": not nodata and done is not None and float(done) >= 100,
        "done": _percent(share or 0.0),
        "gap_x": _percent(share or 0.0),
        "gap": _percent(gap) if gap > 0 else "",
        "tick": _tick(elapsed),
    }


@register.simple_tag
def icon(*, name: str, size: int = 16) -> SafeString:
    """A decorative icon of the sprite (16 or 20 px); the words beside it carry the meaning."""
    return drawn("components/icon.html", name=_icon_name(name), large=size == 20)


@register.simple_tag
def status(*, kind: str, label: str, plain: bool = False, icon: str = "") -> SafeString:
    """Icon + word + colour. `plain` (finished, on track, no data) drops the fill so that the unfinished stands out."""
    if kind not in STATUSES:
        raise ValueError(f"unknown status kind {kind!r}; one of {', '.join(STATUSES)}")
    tone, default_icon = STATUSES[kind]
    return drawn(
        "components/status.html",
        tone=tone,
        icon_name=_icon_name(icon or default_icon),
        label=_text(label),
        plain=bool(plain),
    )


@register.simple_tag
def progress_bar(
    *,
    done: Number,
    elapsed: Number,
    behind: bool = False,
    nodata: bool = False,
    label: str = "",
) -> SafeString:
    """Bar of `done` (0–100, None = no data) with a tick at `elapsed` (0–100 or None); the gap is hatched if `behind`.

    `label` is read aloud instead of the picture; leave it out where the same words stand beside the bar.
    """
    return drawn(
        "components/progress_bar.html",
        **_bar(done=done, elapsed=elapsed, behind=behind, nodata=nodata),
        label=_text(label),
    )


@register.simple_tag
def bullet_bar(
    *,
    value: Number,
    target: Number,
    baseline: Number = 0,
    elapsed: Number = None,
    behind: bool = False,
    nodata: bool = False,
    label: str = "",
) -> SafeString:
    """Result against a target (thick mark at 88 % of the width), right for rising and falling targets via `baseline`.

    `elapsed` (0–100) adds the thin tick; the hatched gap runs to it, or to the target when there is none.
    """
    span = None if target is None else float(target) - float(baseline or 0)
    nodata = nodata or value is None or not span
    share = 0.0 if nodata else (float(value or 0) - float(baseline or 0)) / float(span or 1)
    filled = min(max(share * BULLET_TARGET, 0.0), 100.0)
    passed = _clamp(elapsed)
    goal = BULLET_TARGET if passed is None else passed * BULLET_TARGET / 100
    gap = goal - filled if behind and not nodata else 0.0
    return drawn(
        "components/bullet_bar.html",
        nodata=nodata,
        full=not nodata and share >= 1,
        track=_percent(BULLET_TARGET),
        done=_percent(filled),
        gap=_percent(gap) if gap > 0 else "",
        tick="" if passed is None else _percent(goal),
        goal="" if target is None else _percent(BULLET_TARGET),
        label=_text(label),
    )


@register.inclusion_tag("components/pending_bar.html")
def pending_bar(*, done: Number, pending: Number, elapsed: Number = None, label: str = "") -> dict[str, Any]:
    """Accepted share plus, striped, what waits for review (both 0–100). Pending is shown beside, never added."""
    share = _clamp(done) or 0.0
    waiting = min(_clamp(pending) or 0.0, 100.0 - share)
    return _bar(done=share, elapsed=elapsed, behind=False, nodata=False) | {
        "pending": _percent(waiting) if waiting > 0 else "",
        "label": label,
    }


@register.inclusion_tag("components/stat_tile.html")
def stat_tile(
    *, number: Any, label: str, note: str = "", note_url: str = "", notes: Iterable[tuple[str, str]] = (),
    url: str = "", tone: str = "",
) -> dict[str, Any]:  # fmt: skip
    """One large figure with its name, for the row `.figs`. `url` leads to the rows that add up to it.

    Below it stands a note, or several, each a pair of words and the address of its own rows ("" = none).
    """
    shown = number if isinstance(number, str) else format_number_filter(number)
    below = [*notes] or ([(note, note_url)] if note else [])
    return {"number": shown, "label": label, "notes": below, "url": url, "tone": tone}


@register.inclusion_tag("components/empty_state.html")
def empty_state(*, title: str, text: str = "", url: str = "", action: str = "", icon: str = "") -> dict[str, Any]:
    """Why a list is empty and the one thing to do about it."""
    return {
        "title": title,
        "text": text,
        "url": url,
        "action": action,
        "icon_name": icon and _icon_name(icon),
    }


@register.simple_block_tag
def panel(content: SafeString, *, title: str = "", level: int = 2) -> str:
    """The only tinted block: what to do next. Its title names the region."""
    context = {
        "content": content,
        "title": title,
        "level": level,
        "id": f"p-{uuid.uuid4().hex[:8]}",
    }
    return render_to_string("components/panel.html", context)


@register.simple_block_tag
def note(content: SafeString, *, tone: str = "", title: str = "") -> str:
    """A message in the page: tinted with a coloured edge and lead words. Tones: "" | done | fix | over."""
    if tone not in TONES:
        raise ValueError(f"unknown tone {tone!r}; one of {', '.join(TONES)}")
    context = {
        "content": content,
        "tone": tone,
        "title": title,
        "icon_name": TONES[tone],
    }
    return render_to_string("components/note.html", context)


@register.inclusion_tag("components/field_list.html")
def field_list(*, items: Iterable[Any]) -> dict[str, Any]:
    """Label and value rows. An item is (label, value), or a dict {label, value, url, note}; no value = a dash."""
    rows = [item if isinstance(item, dict) else {"label": item[0], "value": item[1]} for item in items]
    return {"rows": rows}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: Context, *, page: Page, param: str = "page") -> dict[str, Any]:
    """Which rows of how many are shown, and the pages before and after; the rest of the query string is kept."""
    query = context["request"].GET.copy() if "request" in context else None

    def link(number: int) -> str:
        if query is None:
            return f"?{param}={number}"
        query[param] = str(number)
        return f"?{query.urlencode()}"

    return {
        "page": page,
        "first": format_number_filter(page.start_index()),
        "last": format_number_filter(page.end_index()),
        "total": getattr(page.paginator, "words", "") or format_number_filter(page.paginator.count),
        "previous_url": link(page.previous_page_number()) if page.has_previous() else "",
        "next_url": link(page.next_page_number()) if page.has_next() else "",
    }


def _problems(form: BaseForm) -> list[dict[str, str]]:
    """One entry per message; "target" is the id of the control to go to, "" where there is none."""
    found = [{"message": message, "target": ""} for message in form.non_field_errors()]
    for bound in form:
        choices = hasattr(bound.field.widget, "choices") and bound.use_fieldset
        target = "" if bound.is_hidden else f"{bound.auto_id}_0" if choices else bound.id_for_label or bound.auto_id
        found += [{"message": message, "target": target} for message in bound.errors]
    return found


@register.inclusion_tag("components/error_summary.html")
def error_summary(*, form: BaseForm | None = None, formset: BaseFormSet | None = None) -> dict[str, Any]:
    """All messages of a form (and a formset) above the heading, each a link to its field; nothing if all is well."""
    found = _problems(form) if form is not None and form.is_bound else []
    if formset is not None and formset.is_bound:
        found += [{"message": message, "target": ""} for message in formset.non_form_errors()]
        for part in formset.forms:
            found += _problems(part)
    return {"problems": found, "count": len(found)}


def _carried_key(data: Any) -> str:
    try:
        return str(uuid.UUID(str(data.get("form_key", ""))))
    except (ValueError, AttributeError):
        return ""


@register.inclusion_tag("components/form_key.html", takes_context=True)
def form_key(context: Context, *, form: BaseForm | None = None) -> dict[str, Any]:
    """Hidden key that makes a double submit one record: fresh, or the one the shown-again form came with."""
    data: Any = {}
    request = context.get("request")
    if form is not None:
        data = form.data if form.is_bound else {}
    elif request is not None:
        data = request.POST
    # `whose` lets the text survive a lost session, and only for the person who typed it (core.sign_in).
    user = getattr(request, "user", None)
    whose = sign_in.whose(user) if user is not None and user.is_authenticated else ""
    return {"key": _carried_key(data) or str(uuid.uuid4()), "whose": whose}


@register.inclusion_tag("components/confirm_button.html")
def confirm_button(
    *,
    url: str,
    label: str,
    icon: str = "",
    small: bool = False,
    primary: bool = False,
    name: str = "",
    value: str = "",
) -> dict[str, Any]:
    """A state change by one press: its own POST form with csrf token and form key (and one name=value if given)."""
    return {
        "url": url,
        "label": label,
        "icon_name": icon and _icon_name(icon),
        "small": small,
        "primary": primary,
        "name": name,
        "value": value,
        "key": str(uuid.uuid4()),
    }


@register.inclusion_tag("components/crumbs.html")
def crumbs(*, items: Iterable[Any]) -> dict[str, Any]:
    """The way here: items (label, url) or {label, url}; the last one, without url, is this page."""
    return {"items": [item if isinstance(item, dict) else {"label": item[0], "url": item[1]} for item in items if item]}


@register.simple_tag
def tabs(*, items: Iterable[dict[str, Any]], label: str) -> SafeString:
    """Tabs are addresses: items {url, label, count (or None), current}. `label` names the group for screen readers."""
    rows = tuple([(one["url"], _text(one["label"]), one.get("count"), bool(one.get("current"))) for one in items])
    return drawn("components/tabs.html", items=rows, label=_text(label))


@register.inclusion_tag("components/chips.html")
def chips(*, items: Iterable[dict[str, Any]], clear_url: str = "") -> dict[str, Any]:
    """Conditions that hold now: items {label, value, url}; `url` is this list without that condition."""
    return {"items": list(items), "clear_url": clear_url}


@register.filter
def options(choices: Iterable[tuple[str, str]], chosen: str = "") -> SafeString:
    """The <option>s of (value, words) with the chosen one marked; where they are many a loop in a template is slow."""
    pairs = tuple([(value, _text(words)) for value, words in choices])
    return drawn("core/_options.html", choices=pairs, chosen=chosen)


@register.inclusion_tag("components/evidence_photos.html")
def evidence_photos(*, photos: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Thumbnails in a row: photos {url, thumb_url, label}; without thumb_url it is shown as a document."""
    return {"photos": list(photos)}


def _joined(pieces: list[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _marked(mine: str, theirs: str) -> tuple[SafeString, SafeString]:
    """Both texts, escaped, with what only one of them has marked by word (<ins> mine, <del> theirs)."""
    pattern = r"\s+|[^\s]+" if len(mine.split()) + len(theirs.split()) <= WORDS_COMPARED else r"[^\n]*\n|[^\n]+"
    left, right = re.findall(pattern, mine), re.findall(pattern, theirs)
    ours: list[SafeString] = []
    other: list[SafeString] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, right, left, autojunk=False).get_opcodes():
        removed, added = "".join(right[a:b]), "".join(left[c:d])
        if kind == "equal":
            ours.append(format_html("{}", added))
            other.append(format_html("{}", removed))
            continue
        if added:
            ours.append(format_html("<ins>{}</ins>", added))
        if removed:
            other.append(format_html("<del>{}</del>", removed))
    return _joined(ours), _joined(other)


@register.inclusion_tag("components/compare_texts.html")
def compare_texts(
    *, mine: Any, theirs: Any, who: str = "", mine_label: str = "", theirs_label: str = ""
) -> dict[str, Any]:
    """Two texts side by side, differences marked word by word: those of a conflict (`who` saved the other one), or
    any two that the labels name."""
    ours, other = _marked(str(mine if mine is not None else ""), str(theirs if theirs is not None else ""))
    return {
        "mine": ours,
        "theirs": other,
        "mine_label": mine_label or _("Your version"),
        "theirs_label": theirs_label or (_("The version of %(who)s") % {"who": who} if who else _("The saved version")),
    }
