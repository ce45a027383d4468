"""Who and where: organisations, places, memberships. Split by subject; import from partners.models."""

from partners.models.memberships import Membership, Scope, actors_of, committee_of, scope_of, units_acted_for
from partners.models.organisations import (
    Contact,
    Organisation,
    OrganisationEvent,
    OrganisationName,
    OrganisationParent,
    Succession,
)
from partners.models.places import FieldOfWork, Locality, LocalitySuccession

__all__ = [
    "Contact",
    "FieldOfWork",
    "Locality",
    "LocalitySuccession",
    "Membership",
    "Organisation",
    "OrganisationEvent",
    "OrganisationName",
    "OrganisationParent",
    "Scope",
    "Succession",
    "actors_of",
    "committee_of",
    "scope_of",
    "units_acted_for",
]
