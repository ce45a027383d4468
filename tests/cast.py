"""The people of the tests, with fixed names and rights; only the committee and units they act for exist at first.

Lan and Hùng are officers of the provincial committee, Hoa its leader, Đức its administrator. Minh reports for the
Department of Health, a party of most programmes. Tuấn reports for a department that is party to nothing. Phương is an
officer of an unrelated committee.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from core.models import Actor, User
from documents import vietnamese
from partners.models import FieldOfWork, Locality, Membership, Organisation, OrganisationName

PASSWORD = "chin-bac-thang-tre-1954"
LONG_AGO = datetime.date(2020, 1, 1)


@dataclass
class Cast:
    """Everybody, by first name, and the bodies they act for."""

    committee: Organisation
    health: Organisation
    stranger: Organisation
    other_committee: Organisation
    field: FieldOfWork
    commune: Locality
    lan: User
    hung: User
    minh: User
    hoa: User
    duc: User
    tuan: User
    phuong: User

    def actor(self, user: User) -> Actor:
        """Return the person acting under the only membership."""
        membership = Membership.objects.select_related("organisation").get(user=user)
        return Actor(user=user, membership=membership, organisation=membership.organisation, role=membership.role)


def make_organisation(
    name: str, kind: str = "department", parent: Organisation | None = None, **changes
) -> Organisation:
    """Return a new organisation with its path."""
    organisation = Organisation.objects.create(
        **{"name": name, "kind": kind, "level": "province", "parent": parent, "path": "", **changes}
    )
    organisation.path = f"{parent.path if parent else '/'}{organisation.pk}/"
    organisation.save(update_fields=["path"])
    organisation.names.create(name=name, short_name=organisation.short_name, valid_from=None)
    return organisation


def make_user(username: str, full_name: str, organisation: Organisation | None = None, role: str = "reporter") -> User:
    """Return a person who can sign in with PASSWORD, with one membership if an organisation is given."""
    user = User(username=username, full_name=full_name)
    user.set_password(PASSWORD)
    user.save()
    if organisation:
        Membership.objects.create(user=user, organisation=organisation, role=role, valid_from=LONG_AGO)
    return user


def make_cast() -> Cast:
    """Write everybody to the database, kind by kind: most tests begin with it."""
    front = "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh"
    committee, health, stranger, other = bodies = [
        Organisation(name=name, short_name=short, kind=kind, level="province", path="")
        for name, short, kind in (
            (f"{front} Thái Nguyên", "MTTQ tỉnh", "front_committee"),
            ("Sở Y tế", "SYT", "department"),
            ("Sở Tư pháp", "", "department"),
            (f"{front} Tân Thử", "", "front_committee"),
        )
    ]
    names = [OrganisationName(organisation=body, name=body.name, short_name=body.short_name) for body in bodies]
    for body, name in zip(bodies, names, strict=True):  # what save() derives
        body.sort_key = vietnamese.sort_key(body.name)
        body.search_text = name.search_text = vietnamese.fold(f"{body.name} {body.short_name}")
    Organisation.objects.bulk_create(bodies)
    for body in bodies:
        body.path = f"/{body.pk}/"
    Organisation.objects.bulk_update(bodies, ["path"])
    OrganisationName.objects.bulk_create(names)
    field, _ = FieldOfWork.objects.get_or_create(
        code="y-te-thu", defaults={"name": "Y tế (thử)", "name_en": "Health (test)"}
    )
    province = Locality.objects.create(code="T19", name="Tỉnh Thái Nguyên", kind="province")
    commune = Locality.objects.create(code="T5788", name="Xã Phú Lạc", kind="commune", parent=province)
    people = {
        "lan": ("Nguyễn Thị Lan", committee, "officer"),
        "hung": ("Lê Văn Hùng", committee, "officer"),
        "minh": ("Trần Văn Minh", health, "reporter"),
        "hoa": ("Đặng Thị Hoa", committee, "leader"),
        "duc": ("Phạm Văn Đức", committee, "administrator"),
        "tuan": ("Vũ Anh Tuấn", stranger, "reporter"),
        "phuong": ("Hoàng Mai Phương", other, "officer"),
    }
    password = make_password(PASSWORD)
    users = [User(username=username, full_name=known[0], password=password) for username, known in people.items()]
    for user in users:
        user.sort_key = vietnamese.person_sort_key(user.full_name)
        user.search_text = vietnamese.fold(f"{user.full_name} {user.username}")
    User.objects.bulk_create(users)
    Membership.objects.bulk_create(
        Membership(user=user, organisation=known[1], role=known[2], valid_from=LONG_AGO)
        for user, known in zip(users, people.values(), strict=True)
    )
    return Cast(
        committee=committee,
        health=health,
        stranger=stranger,
        other_committee=other,
        field=field,
        commune=commune,
        **{user.username: user for user in users},
    )
