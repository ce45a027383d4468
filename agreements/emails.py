"""Sentences of the notices of this room; %(names)s are filled from the params of the notice."""

from django.utils.translation import gettext_lazy

NOTICE_TEXTS = {
    "programme.handed_over": gettext_lazy("%(name)s handed over to you: %(codes)s"),
    "programme.moved": gettext_lazy("The status of %(programme)s was changed"),
    "programme.ended": gettext_lazy("The period of %(programme)s ended on %(day)s; the final review is due"),
    "intake.scanned": gettext_lazy("The scan %(name)s is read; the values can be checked"),
    "deadline.reported": gettext_lazy("%(unit)s reported done: %(task)s"),
    "deadline.confirmed": gettext_lazy("Confirmed as done: %(task)s"),
    "deadline.returned": gettext_lazy("To be completed: %(task)s. %(reason)s"),
    "basis.weak": gettext_lazy(
        "%(document)s is no longer in force. %(programme)s rests on it: look at its legal grounds"
    ),
}
