"""Entry of programmes from a text: take in, check beside the source, confirm. Nothing is written unseen."""

from agreements.services.intake.actions import AlreadyTaken, confirm, doubts, drop, overlaps, take_in
from agreements.services.intake.checking import Checked, check_draft
from agreements.services.intake.matching import Match, match_organisation
from agreements.services.intake.saving import save_work
from agreements.services.intake.understanding import Problem

__all__ = [
    "AlreadyTaken",
    "Checked",
    "Match",
    "Problem",
    "check_draft",
    "confirm",
    "doubts",
    "drop",
    "match_organisation",
    "overlaps",
    "save_work",
    "take_in",
]
