"""Sentences of the notices of this room; %(names)s are filled from the params of the notice."""

from django.utils.translation import gettext_lazy

NOTICE_TEXTS = {
    "programme.handed_over": gettext_lazy("%(name)s handed over to you: %(codes)s"),
    "programme.moved": gettext_lazy("The status of %(programme)s was changed"),
    "programme.ended": gettext_lazy("The period of %(programme)s ended on %(day)s; the final review is due"),
    "programme.renewal": gettext_lazy("%(programme)s ends on %(day)s: read the brief and prepare what follows"),
    "intake.scanned": gettext_lazy("The scan %(name)s is read; the values can be checked"),
    "deadline.reported": gettext_lazy("%(unit)s reported done: %(task)s"),
    "deadline.confirmed": gettext_lazy("Confirmed as done: %(task)s"),
    "deadline.returned": gettext_lazy("To be completed: %(task)s. %(reason)s"),
    "basis.weak": gettext_lazy(
        "%(document)s is no longer in force. %(programme)s rests on it: look at its legal grounds"
    ),
    "extension.requested": gettext_lazy("%(unit)s asks for more time until %(day)s: %(task)s"),
    "extension.granted": gettext_lazy("More time until %(day)s was granted: %(task)s"),
    "extension.refused": gettext_lazy("More time was refused: %(task)s. %(reason)s"),
}
# What a person may mute together; other rooms add to the same groups.
NOTICE_GROUPS = {
    "work": (gettext_lazy("What units send and ask for"), ("deadline.reported", "extension.requested")),
    "decisions": (
        gettext_lazy("Decisions on what I sent"),
        ("deadline.confirmed", "deadline.returned", "extension.granted", "extension.refused"),
    ),
    "programmes": (
        gettext_lazy("Programmes and work handed over"),
        (
            "programme.handed_over",
            "programme.moved",
            "programme.ended",
            "programme.renewal",
            "basis.weak",
            "intake.scanned",
        ),
    ),
}
