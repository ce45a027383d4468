"""Forms of the agreements room."""

from django.utils.translation import gettext_lazy

OPTIONAL = gettext_lazy("Not chosen")  # label of an empty choice
