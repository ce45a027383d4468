"""What a password must be: long, and not made of what anybody here would try first (trust.md, ASVS 6.2)."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from documents import vietnamese

if TYPE_CHECKING:
    from core.models import User

SHORTEST = 12
SHORTEST_ADMINISTRATOR = 15
LONGEST = 256  # beyond it hashing costs more than the length adds
FEWEST_OWN = 6  # characters left after everything guessable is taken away
# Letters and digits nobody confuses on paper: no 0 O 1 l I.
SLIP_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

# Folded; longest first when taken away. Words, units, places and names that local guessing starts with.
_WORDS = """
matkhau password passwd qwerty asdfgh zxcvbn admin administrator quantri welcome letmein
mattran mattrantoquoc toquoc vietnam mttq ubmttq uybanmattran uyban phoihop chuongtrinh daidoanket doanket
thainguyen backan backan hanoi haiphong danang cantho hochiminh saigon langson caobang tuyenquang phutho songcong
phoyen dinhhoa daitu phuluong donghy phubinh vonhai soyte sotuphap sonongnghiep sonoivu congan sogiaoduc tinhuy
ubnd hoinongdan hoiphunu doanthanhnien congdoan cuuchienbinh vanphong banphongtrao giamngheo anninh
nguyen tran pham hoang huynh phan vuong dang duong minh tuan hung dung linh lan huong thao trang phuong hoa thanh
anhyeuem yeuem iloveyou tinhyeu giadinh conyeu abc xyz test demo
"""
GUESSABLE = frozenset(_WORDS.split())
KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "01234567890", "09876543210")


class LengthValidator:
    """At least 12 characters, 15 for administrators; at most 256."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError saying how long it is and must be."""
        shortest = SHORTEST_ADMINISTRATOR if getattr(user, "needs_long_password", False) else SHORTEST
        numbers = {"least": shortest, "most": LONGEST, "count": len(password)}
        if len(password) < shortest:
            raise ValidationError(
                _("Use at least %(least)s characters, for example four unrelated words. It has %(count)s now.")
                % numbers,
                code="too_short",
            )
        if len(password) > LONGEST:
            raise ValidationError(
                _("Use at most %(most)s characters. It has %(count)s now.") % numbers, code="too_long"
            )

    def get_help_text(self) -> str:
        """Return the rule as one sentence."""
        return _("At least %(least)s characters; a sentence or four unrelated words are easy to keep in mind.") % {
            "least": SHORTEST
        }


class GuessableValidator:
    """Enough must be left once names, units, places, years, the username and runs of keys are taken away."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError where fewer than FEWEST_OWN different-looking characters are left."""
        if len(own_part(password, user)) < FEWEST_OWN:
            raise ValidationError(
                _("This password is easy to guess: mostly names, places, years or a row of keys. Add other words."),
                code="guessable",
            )

    def get_help_text(self) -> str:
        """Return the rule as one sentence."""
        return _("Not your name, unit, place, a year or a row of keys.")


def own_part(password: str, user: User | None = None) -> str:
    """Return what is left of a folded password without everything guessable; repeated letters count once."""
    text = vietnamese.fold(password)
    text = text.translate(str.maketrans("@$!", "asi"))
    words = set(GUESSABLE)
    if user is not None:
        words |= {
            word for word in re.split(r"[^a-z0-9]+", vietnamese.fold(f"{user.username} {user.full_name}")) if word
        }
        words.add(re.sub(r"[^a-z0-9]", "", vietnamese.fold(user.full_name)))
    text = re.sub(r"[^a-z0-9]", "", text)
    text = re.sub(r"(19|20)\d\d", "", text)
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= 3:  # shorter ones are part of too many honest words
            text = text.replace(word, "")
    for row in KEYBOARD:
        for length in range(len(row), 2, -1):
            for start in range(len(row) - length + 1):
                text = text.replace(row[start : start + length], "").replace(row[start : start + length][::-1], "")
    text = re.sub(r"\d{1,4}$", "", text)
    return re.sub(r"(.)\1+", r"\1", text)


def one_time() -> str:
    """Return a password for a printed slip: three groups of four, 59 bits."""
    return "-".join("".join(secrets.choice(SLIP_LETTERS) for _i in range(4)) for _g in range(3))
