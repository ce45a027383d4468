"""Sentences of the notices this room sends."""

from django.utils.translation import gettext_lazy as _

NOTICE_TEXTS = {
    "user.handed_over": _("%(count)s open items of %(name)s are yours now"),
}
NOTICE_GROUPS = {"programmes": (_("Programmes and work handed over"), ("user.handed_over",))}
