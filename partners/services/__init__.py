"""Writes of the partners room: organisations and people. Keyword-only, actor first, audit last."""

from partners.services.organisations import (
    OrganisationData,
    add_contact,
    create_organisation,
    move_organisation,
    remove_contact,
    rename_organisation,
    update_organisation,
)
from partners.services.people import (
    OpenItem,
    PersonData,
    add_membership,
    create_administrator,
    create_user,
    disable_user,
    enable_user,
    end_membership,
    issue_slip,
    open_items,
    people_visible_to,
    update_user,
)

__all__ = [
    "OpenItem",
    "OrganisationData",
    "PersonData",
    "add_contact",
    "add_membership",
    "create_administrator",
    "create_organisation",
    "create_user",
    "disable_user",
    "enable_user",
    "end_membership",
    "issue_slip",
    "move_organisation",
    "open_items",
    "people_visible_to",
    "remove_contact",
    "rename_organisation",
    "update_organisation",
    "update_user",
]
