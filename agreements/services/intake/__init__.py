"""Entry of programmes from a text: take in, check beside the source, confirm. Nothing is written unseen."""

from agreements.services.intake.actions import confirm, doubts, download, drop, overlaps
from agreements.services.intake.checking import Checked, check_draft
from agreements.services.intake.matching import Match, match_organisation
from agreements.services.intake.saving import save_work
from agreements.services.intake.scanning import read_scans
from agreements.services.intake.sources import UNOPENED, AlreadyTaken, read_again, take_in
from agreements.services.intake.understanding import Problem

__all__ = [
    "UNOPENED",
    "AlreadyTaken",
    "Checked",
    "Match",
    "Problem",
    "check_draft",
    "confirm",
    "doubts",
    "download",
    "drop",
    "match_organisation",
    "overlaps",
    "read_again",
    "read_scans",
    "save_work",
    "take_in",
]
