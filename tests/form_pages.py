"""The forms of an answer as a browser without JavaScript sees them: controls, what they hold, messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from documents import vietnamese

if TYPE_CHECKING:
    from django.http import HttpResponse

TYPED = ("text", "date", "number", "area", "find")  # kinds of control that hold what a person typed
TOKENS = frozenset({"csrfmiddlewaretoken", "form_key", "whose"})


@dataclass
class Control:
    """One named control. kind: text, date, number, area, password, file, choice, tick, hidden."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)  # what it would send as it stands
    options: list[str] = field(default_factory=list)


@dataclass
class PageForm:
    """A form: method, action, controls by name, named buttons (name, value)."""

    method: str
    action: str
    multipart: bool
    controls: dict[str, Control] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def as_it_stands(self) -> dict[str, list[str]]:
        """Return what pressing enter would send, files apart."""
        return {name: list(c.values) for name, c in self.controls.items() if c.kind != "file" and c.values}

    def typed(self) -> list[Control]:
        """Return the controls a person types into."""
        return [c for c in self.controls.values() if c.kind in TYPED]


class Page(HTMLParser):
    """Reads forms, the lines of the error summary, and the words of notes."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[PageForm] = []
        self.problems: list[str] = []
        self.words: list[str] = []
        self._by_id: dict[str, PageForm] = {}
        self._later: list[tuple[str, dict[str, str], str]] = []
        self._form: PageForm | None = None
        self._area: Control | None = None
        self._select: tuple[Control | None, bool] | None = None
        self._summary = 0
        self._item: list[str] | None = None
        self.feed(html)
        self.close()
        for owner, attrs, tag in self._later:
            if owner in self._by_id:
                self._form = self._by_id[owner]
                self._control(tag, attrs)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        """Note a form, a control, an option, a line of the summary."""
        attrs = {name: value or "" for name, value in pairs}
        if tag == "form":
            self._form = PageForm(attrs.get("method", "get").lower(), attrs.get("action", ""), "enctype" in attrs)
            self.forms.append(self._form)
            self._by_id[attrs.get("id", "")] = self._form
        elif tag in {"input", "textarea", "select", "button"}:
            if attrs.get("form") and tag in {"input", "button"}:
                self._later.append((attrs["form"], attrs, tag))
            else:
                self._control(tag, attrs)
        elif tag == "option" and self._select and self._select[0]:
            control, _many = self._select
            control.options.append(attrs.get("value", ""))
            if "selected" in attrs:
                control.values.append(attrs.get("value", ""))
        elif tag == "div":
            if self._summary or "errsum" in attrs.get("class", "").split():
                self._summary += 1
        elif tag == "li" and self._summary:
            self._item = []

    def _control(self, tag: str, attrs: dict[str, str]) -> None:
        name, form = attrs.get("name", ""), self._form
        if form is None or not name or "disabled" in attrs:
            self._area = Control("", "area", [""]) if tag == "textarea" else self._area
            return
        if tag == "button":
            form.buttons.append((name, attrs.get("value", "")))
        elif tag == "textarea":
            kind = "hidden" if "hidden" in attrs else "area"
            self._area = form.controls[name] = Control(name, kind, [""])
        elif tag == "select":
            control = form.controls[name] = Control(name, "choice")
            self._select = (control, "multiple" in attrs)
        else:
            self._input(form, name, attrs)

    def _input(self, form: PageForm, name: str, attrs: dict[str, str]) -> None:
        type_, value = attrs.get("type", "text"), attrs.get("value", "")
        if type_ == "submit":
            form.buttons.append((name, value))
        elif type_ in {"radio", "checkbox"}:
            control = form.controls.setdefault(name, Control(name, "choice" if type_ == "radio" else "tick"))
            control.options.append(attrs.get("value", "on"))
            if "checked" in attrs:
                control.values.append(attrs.get("value", "on"))
        elif type_ in {"hidden", "file", "password"}:
            control = form.controls.setdefault(name, Control(name, type_))
            control.values += [] if type_ == "file" else [value]
        else:
            is_date = "date" in attrs.get("class", "").split()
            is_number = not is_date and attrs.get("inputmode") in {"decimal", "numeric"}
            kind = "date" if is_date else "number" if is_number else "text"
            form.controls[name] = Control(name, kind, [value])

    def handle_endtag(self, tag: str) -> None:
        """Close what was open."""
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._area is not None:
            self._area.values[0] = self._area.values[0].removeprefix("\n")
            self._area = None
        elif tag == "select" and self._select:
            control, many = self._select
            if control and not many and not control.values and control.options:
                control.values = control.options[:1]
            self._select = None
        elif tag == "div" and self._summary:
            self._summary -= 1
        elif tag == "li" and self._item is not None:
            self.problems.append("".join(self._item).strip())
            self._item = None

    def handle_data(self, data: str) -> None:
        """Collect text where it is wanted."""
        if self._area is not None:
            self._area.values[0] += data
        else:
            self.words.append(data)
        if self._item is not None:
            self._item.append(data)

    @property
    def text(self) -> str:
        """What is read on the page, controls apart."""
        return " ".join(" ".join(self.words).split())

    def holds(self, name: str, typed: str) -> bool:
        """Return whether a control of that name, in any form, still holds what was typed (cleaned)."""
        wanted = plain(typed)
        return any(
            plain(value) == wanted
            for form in self.forms
            if name in form.controls
            for value in form.controls[name].values
        ) or (
            not wanted and not any(plain(v) for f in self.forms if name in f.controls for v in f.controls[name].values)
        )


def plain(text: str) -> str:
    """Return text as it is stored, so that what was typed and what is shown can be compared."""
    return vietnamese.clean(text, multiline=False)


def read(response: HttpResponse) -> Page:
    """Return the parsed page of an answer; empty for a redirect or a file."""
    is_page = response.get("Content-Type", "").startswith("text/html") and not response.streaming
    return Page(response.content.decode() if is_page else "")
