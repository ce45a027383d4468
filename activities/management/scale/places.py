"""The country: provinces, communes, committees of three levels, partner units and their people.

Provinces and their codes are those in force since 1 July 2025, the 92 units of Thái Nguyên too; all other communes are
numbered, since only their count is a fact, and every person is invented.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

from django.contrib.auth.hashers import make_password

from activities.management.demo.catalogue import PASSWORD
from activities.management.scale.sizes import portions, weight
from activities.management.scale.world import MARK, Office, Partner, Place, World, fold
from core.models import User
from documents import vietnamese
from partners.management.commands.load_localities import SINCE, SOURCE
from partners.models import Locality, Membership, Organisation, OrganisationName

FIRST = "19"  # Thái Nguyên, whose units are known
PROVINCES = {
    "01": "Thành phố Hà Nội", "04": "Tỉnh Cao Bằng", "08": "Tỉnh Tuyên Quang", "11": "Tỉnh Điện Biên",
    "12": "Tỉnh Lai Châu", "14": "Tỉnh Sơn La", "15": "Tỉnh Lào Cai", "19": "Tỉnh Thái Nguyên",
    "20": "Tỉnh Lạng Sơn", "22": "Tỉnh Quảng Ninh", "24": "Tỉnh Bắc Ninh", "25": "Tỉnh Phú Thọ",
    "31": "Thành phố Hải Phòng", "33": "Tỉnh Hưng Yên", "37": "Tỉnh Ninh Bình", "38": "Tỉnh Thanh Hóa",
    "40": "Tỉnh Nghệ An", "42": "Tỉnh Hà Tĩnh", "44": "Tỉnh Quảng Trị", "46": "Thành phố Huế",
    "48": "Thành phố Đà Nẵng", "51": "Tỉnh Quảng Ngãi", "52": "Tỉnh Gia Lai", "56": "Tỉnh Khánh Hòa",
    "66": "Tỉnh Đắk Lắk", "68": "Tỉnh Lâm Đồng", "75": "Tỉnh Đồng Nai", "79": "Thành phố Hồ Chí Minh",
    "80": "Tỉnh Tây Ninh", "82": "Tỉnh Đồng Tháp", "86": "Tỉnh Vĩnh Long", "91": "Tỉnh An Giang",
    "92": "Thành phố Cần Thơ", "96": "Tỉnh Cà Mau",
}  # fmt: skip
CENTRE = "Ủy ban Trung ương Mặt trận Tổ quốc Việt Nam"
# name of a partner unit, short name, kind; by level
UNITS = {
    "central": (
        ("Bộ Y tế", "BYT", "department"),
        ("Bộ Nông nghiệp và Môi trường", "BNNMT", "department"),
        ("Bộ Nội vụ", "BNV", "department"),
        ("Bộ Tư pháp", "BTP", "department"),
        ("Trung ương Hội Chữ thập đỏ Việt Nam", "TƯ CTĐ", "mass_association"),
        ("Trung ương Hội Liên hiệp Phụ nữ Việt Nam", "TƯ PN", "socio_political"),
    ),
    "province": (
        ("Sở Y tế", "SYT", "department"),
        ("Sở Nông nghiệp và Môi trường", "SNNMT", "department"),
        ("Sở Nội vụ", "SNV", "department"),
        ("Sở Khoa học và Công nghệ", "SKHCN", "department"),
        ("Sở Tư pháp", "STP", "department"),
        ("Công an", "CA", "armed_forces"),
        ("Hội Chữ thập đỏ", "CTĐ", "mass_association"),
        ("Hội Liên hiệp Phụ nữ", "PN", "socio_political"),
        ("Hội Nông dân", "ND", "socio_political"),
        ("Liên hiệp các tổ chức hữu nghị", "LHHN", "mass_association"),
    ),
    "commune": (
        ("Ủy ban nhân dân", "UBND", "peoples_committee"),
        ("Hội Liên hiệp Phụ nữ", "PN", "socio_political"),
        ("Hội Nông dân", "ND", "socio_political"),
    ),
}
FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Nông", "Lò", "Ma", "Dương", "Lý")
MIDDLES = ("Thị", "Văn", "Đức", "Minh", "Thanh", "Hồng", "Quang", "Thu", "Xuân", "Ngọc")
GIVEN = ("An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Hải", "Hoa", "Hùng", "Lan", "Linh", "Mai", "Nam", "Nga", "Phúc",
         "Quân", "Sơn", "Tâm", "Thảo", "Tuấn", "Vân", "Yến")  # fmt: skip
# The people of the first province that people signing in know from the demo: username, name
KNOWN = {
    "officer": ("lan", f"Nguyễn Thị Lan {MARK}"), "second": ("hung", f"Lê Văn Hùng {MARK}"),
    "leader": ("hoa", f"Đặng Thị Hoa {MARK}"), "administrator": ("duc", f"Phạm Văn Đức {MARK}"),
    "reporter": ("minh", f"Trần Văn Minh {MARK}"),
}  # fmt: skip
SINCE_MEMBER = datetime.date(2023, 1, 1)


def write_country(world: World) -> None:
    """Write everything that is somewhere, the centre first, then Thái Nguyên, then the others by their codes."""
    People(world).write()


class People:
    """Writes the offices one after the other; one password hash for all, since the password is printed anyway."""

    def __init__(self, world: World) -> None:
        """Take the world and hash the password with a salt of its own, so that the content stays the same."""
        self.world, self.tables = world, world.tables
        self.password = make_password(PASSWORD, salt="phoi-hop-generate")

    def write(self) -> None:
        """Write centre, provinces and communes."""
        centre = self.office(None, "central", CENTRE, "MTTQ TƯ", None)
        self.staff(centre, "tw", known=False)
        self.units(centre, "tw", "", None)
        codes = [FIRST, *(code for code in PROVINCES if code != FIRST)][: self.world.size.provinces]
        known = _known_units()
        rest = self.world.size.communes - len(known)
        counts = portions(rest, [weight(self.world.random, 0.25) for _ in codes[1:]])
        for code, count in zip(codes, [0, *counts], strict=True):
            self.province(centre, code, known if code == FIRST else _numbered(code, count, PROVINCES[code]))
        self.world.say(f"{self.tables[Organisation].count:,} bodies, {self.tables[User].count:,} people")

    def province(self, centre: Office, code: str, communes: list[tuple[str, str, str, str | None, str | None]]) -> None:
        """Write one province with everything below it."""
        name = PROVINCES[code]
        place = self.locality(code, "province", name, None)
        low = name[0].lower() + name[1:]
        office = self.office(
            centre, "province", f"Ủy ban Mặt trận Tổ quốc Việt Nam {low}", f"MTTQ {name.split(' ', 1)[1]}", place.pk
        )
        self.staff(office, f"t{code}", known=code == FIRST)
        self.units(office, f"t{code}", low, place.pk)
        below = []
        for unit_code, kind, unit_name, latitude, longitude in communes:
            commune = self.locality(unit_code, kind, unit_name, place.pk, latitude, longitude)
            below.append(commune)
            bare = unit_name[0].lower() + unit_name[1:]
            small = self.office(
                office, "commune", f"Ủy ban Mặt trận Tổ quốc Việt Nam {bare}", f"MTTQ {bare}", commune.pk
            )
            small.places = [commune]
            self.staff(small, f"x{unit_code.lower()}", known=False)
            self.units(small, f"x{unit_code.lower()}", bare, commune.pk)
        office.places = below
        centre.places += below

    def locality(
        self,
        code: str,
        kind: str,
        name: str,
        parent: int | None,
        latitude: str | None = None,
        longitude: str | None = None,
    ) -> Place:
        """Write a place; the sort key leaves the kind word out, as Locality.save does."""
        bare = name.split(" ", 1)[1] if kind in {"commune", "ward"} else name
        pk = self.tables[Locality].add(
            code=code, kind=kind, name=name, parent_id=parent, valid_from=SINCE,
            latitude=Decimal(latitude) if latitude else None, longitude=Decimal(longitude) if longitude else None,
            sort_key=vietnamese.sort_key(f"{bare} {name}"), search_text=fold(name),
        )  # fmt: skip
        return Place(pk, code, name)

    def body(self, name: str, short: str, kind: str, level: str, parent: Office | None, place: int | None) -> int:
        """Write an organisation with its first name."""
        table = self.tables[Organisation]
        pk = table.add(
            name=name, short_name=short[:60], kind=kind, level=level, locality_id=place, is_demo=True,
            parent_id=parent.pk if parent else None, path=f"{parent.path if parent else '/'}{table.last + 1}/",
            sort_key=vietnamese.sort_key(name), search_text=vietnamese.fold(f"{name} {short[:60]}"),
        )  # fmt: skip
        self.tables[OrganisationName].add(
            organisation_id=pk, name=name, short_name=short[:60], search_text=vietnamese.fold(f"{name} {short[:60]}")
        )
        return pk

    def office(self, parent: Office | None, level: str, name: str, short: str, place: int | None) -> Office:
        """Write a committee."""
        pk = self.body(name, short, "front_committee", level, parent, place)
        office = Office(pk, f"{parent.path if parent else '/'}{pk}/", level, name)
        self.world.offices.append(office)
        return office

    def staff(self, office: Office, prefix: str, *, known: bool) -> None:
        """Write the officers and the leader of a committee; those above the communes have two officers and a keeper."""

        def name_of(role: str) -> tuple[str, str]:
            return KNOWN[role] if known else (f"{prefix}-{SHORT[role]}", self.invented())

        office.officers = [self.person(*name_of("officer"), "Chuyên viên", office.pk, "officer")]
        if office.level != "commune":
            office.officers.append(self.person(*name_of("second"), "Phó Trưởng ban", office.pk, "officer"))
            self.person(*name_of("administrator"), "Quản trị hệ thống", office.pk, "administrator")
        office.leader = self.person(*name_of("leader"), "Phó Chủ tịch", office.pk, "leader")

    def units(self, office: Office, prefix: str, where: str, place: int | None) -> None:
        """Write the partner units; in a commune one person reports for all of them."""
        for number, (name, short, kind) in enumerate(UNITS[office.level]):
            full = f"{name} {where}".strip()
            pk = self.body(
                full, short if office.level != "commune" else f"{short} {where}", kind, office.level, None, place
            )
            if office.level == "commune" and office.partners:
                reporter = office.partners[0].reporter
                self.membership(reporter, pk, "reporter")
            elif prefix == f"t{FIRST}" and number == 0:
                reporter = self.person(*KNOWN["reporter"], "Chuyên viên", pk, "reporter")
            else:
                username = f"{prefix}-{fold(short)}" if office.level != "commune" else f"{prefix}-bc"
                reporter = self.person(username.replace(" ", ""), self.invented(), "Chuyên viên", pk, "reporter")
            office.partners.append(Partner(pk, full, reporter))

    def invented(self) -> str:
        """Return a name nobody is meant by."""
        choose = self.world.random.choice
        return f"{choose(FAMILIES)} {choose(MIDDLES)} {choose(GIVEN)} {MARK}"

    def person(self, username: str, full_name: str, title: str, organisation: int, role: str) -> int:
        """Write a person who acts for one organisation."""
        pk = self.tables[User].add(
            username=username, full_name=full_name, title=title, password=self.password, is_demo=True,
            sort_key=vietnamese.person_sort_key(full_name), search_text=vietnamese.fold(f"{full_name} {username}"),
        )  # fmt: skip
        self.membership(pk, organisation, role)
        return pk

    def membership(self, user: int, organisation: int, role: str) -> None:
        """Write that a person acts for an organisation."""
        self.tables[Membership].add(user_id=user, organisation_id=organisation, role=role, valid_from=SINCE_MEMBER)


SHORT = {"officer": "cb", "second": "cb2", "leader": "ld", "administrator": "qt"}


def _known_units() -> list[tuple[str, str, str, str | None, str | None]]:
    """Return code, kind, name and centroid of the units of Thái Nguyên."""
    lines = [line for line in SOURCE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [tuple(line.split("\t")) for line in lines]  # type: ignore[misc]


def _numbered(code: str, count: int, province: str) -> list[tuple[str, str, str, str | None, str | None]]:
    """Return communes that stand for those of a province, every eighth a ward; the codes are none of the official."""
    bare = province.removeprefix("Tỉnh ").removeprefix("Thành phố ")
    found: list[tuple[str, str, str, str | None, str | None]] = []
    for number in range(1, count + 1):
        kind, word = ("ward", "Phường") if number % 8 == 0 else ("commune", "Xã")
        found.append((f"G{code}{number:03}", kind, f"{word} số {number} {bare}", None, None))
    return found
