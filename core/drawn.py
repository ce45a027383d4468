"""HTML kept by exactly what it shows: the parts that all pages have and the rows of long lists are drawn once.

The template gets the values that are the key and nothing else: no request, no person, no object. So what is kept
cannot be old (another value is another key), and whoever is shown it has been given these very values. A template that
asks for the time, or for anything else that is not among its values, must not be drawn this way.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

MOST = 1000  # kept ones of each template in a process: rows of 2 KB with their values, a header of 8 KB


def drawn(template: str, make: Callable[..., dict[str, Any]] | None = None, /, **values: Hashable) -> SafeString:
    """Return the HTML of a template that shows these values in the language of the page.

    make: a function of a module that turns the values into what the template shows, out of nothing else.
    """
    found = tuple(values.items())
    return _keeper(template, make)(get_language(), found, _kinds(found))


def _kinds(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the type of each value: 1, 1.0 and True are one key of a dict, and so are "<b>" and the same made safe."""
    return tuple([_kinds(value) if isinstance(value, tuple) else type(value) for value in values])


@cache
def _keeper(
    template: str, make: Callable[..., dict[str, Any]] | None
) -> Callable[[str, tuple[Any, ...], tuple[Any, ...]], SafeString]:
    """Return what draws a template and keeps the last of what it drew."""

    def draw(_language: str, values: tuple[Any, ...], _its_kinds: tuple[Any, ...]) -> SafeString:
        context = make(**dict(values)) if make else dict(values)
        return SafeString(get_template(template).render(context))

    return lru_cache(maxsize=0 if settings.DEBUG else MOST)(draw)  # who works on a template sees each change
