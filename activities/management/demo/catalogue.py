"""What the demo tells: bodies with their real succession, invented people, programmes, tasks and indicators.

Facts (names of bodies, dates of reorganisation, titles and numbers of documents, poverty rates, targets' scale) come
from the public record; every person, activity and effect status is invented and marked as demo.
"""

from __future__ import annotations

from dataclasses import dataclass, field

COMMITTEE = "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh Thái Nguyên"
PASSWORD = "doan-ket-demo-2026"  # noqa: S105 - printed on purpose: demo accounts only

# key: (name, short name, English name, kind)
BODIES = {
    "mttq": (COMMITTEE, "MTTQ tỉnh", "Fatherland Front Committee of Thái Nguyên", "front_committee"),
    "vanphong": ("Văn phòng Ủy ban MTTQ tỉnh", "VP MTTQ", "Office of the Front Committee", "front_board"),
    "huunghi": (
        "Liên hiệp các tổ chức hữu nghị tỉnh",
        "LHHN tỉnh",
        "Union of Friendship Organisations",
        "mass_association",
    ),
    "ctd": ("Hội Chữ thập đỏ tỉnh", "CTĐ tỉnh", "Red Cross Society of Thái Nguyên", "mass_association"),
    "sldtbxh": (
        "Sở Lao động – Thương binh và Xã hội",
        "SLĐTBXH",
        "Department of Labour, Invalids and Social Affairs",
        "department",
    ),
    "snnmt": ("Sở Nông nghiệp và Môi trường", "SNNMT", "Department of Agriculture and Environment", "department"),
    "snv": ("Sở Nội vụ", "SNV", "Department of Home Affairs", "department"),
    "syt": ("Sở Y tế", "SYT", "Department of Health", "department"),
    "skhcn": ("Sở Khoa học và Công nghệ", "SKHCN", "Department of Science and Technology", "department"),
    "stp": ("Sở Tư pháp", "STP", "Department of Justice", "department"),
    "catinh": ("Công an tỉnh", "CA tỉnh", "Provincial Police", "armed_forces"),
    "vpubnd": ("Văn phòng Ủy ban nhân dân tỉnh", "VP UBND", "Office of the People's Committee", "peoples_committee"),
    "bkmttq": (
        "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh Bắc Kạn",
        "MTTQ Bắc Kạn",
        "Front Committee of Bắc Kạn",
        "front_committee",
    ),
    "bkctd": ("Hội Chữ thập đỏ tỉnh Bắc Kạn", "CTĐ Bắc Kạn", "Red Cross Society of Bắc Kạn", "mass_association"),
}

# predecessor, successor, field or None, kind, day, note
SUCCESSIONS = [
    ("sldtbxh", "snnmt", "giam-ngheo", "dissolve", "2025-03-01", "Kết thúc hoạt động; công tác giảm nghèo chuyển giao"),
    (
        "sldtbxh",
        "snv",
        "nguoi-co-cong",
        "dissolve",
        "2025-03-01",
        "Kết thúc hoạt động; lao động, người có công chuyển giao",
    ),
    ("sldtbxh", "snv", "lao-dong", "dissolve", "2025-03-01", ""),
    ("sldtbxh", "syt", "bao-tro", "dissolve", "2025-03-01", ""),
    ("bkmttq", "mttq", None, "merge", "2025-07-01", "Hợp nhất tỉnh Bắc Kạn và tỉnh Thái Nguyên"),
    ("bkctd", "ctd", None, "merge", "2025-07-01", ""),
]
DISSOLVED = {"sldtbxh": "2025-03-01", "bkmttq": "2025-07-01", "bkctd": "2025-07-01"}

# username, full name, title, [(body, role)]
PEOPLE = [
    ("lan", "Nguyễn Thị Lan (demo)", "Chuyên viên Văn phòng", [("mttq", "officer")]),
    ("hung", "Lê Văn Hùng (demo)", "Phó Trưởng ban", [("mttq", "officer")]),
    ("hoa", "Đặng Thị Hoa (demo)", "Phó Chủ tịch", [("mttq", "leader")]),
    ("duc", "Phạm Văn Đức (demo)", "Quản trị hệ thống", [("mttq", "administrator")]),
    ("minh", "Trần Văn Minh (demo)", "Chuyên viên", [("syt", "reporter")]),
    ("thao", "Hà Phương Thảo (demo)", "Trưởng phòng", [("syt", "leader")]),
    ("an", "Vũ Bình An (demo)", "Chuyên viên", [("huunghi", "reporter")]),
    ("binh", "Ngô Thanh Bình (demo)", "Chuyên viên", [("snnmt", "reporter")]),
    ("cuc", "Lưu Thị Cúc (demo)", "Cán bộ", [("ctd", "reporter")]),
    ("dung", "Đỗ Mạnh Dũng (demo)", "Chuyên viên", [("skhcn", "reporter")]),
    ("giang", "Bùi Trường Giang (demo)", "Chuyên viên", [("snv", "reporter")]),
    ("khanh", "Mai Quốc Khánh (demo)", "Cán bộ", [("catinh", "reporter")]),
    ("loan", "Phan Thị Loan (demo)", "Chuyên viên", [("vpubnd", "reporter")]),
    ("nga", "Trịnh Hằng Nga (demo)", "Chuyên viên", [("stp", "reporter")]),
]
REPORTER_OF = {
    "syt": "minh",
    "huunghi": "an",
    "snnmt": "binh",
    "ctd": "cuc",
    "skhcn": "dung",
    "snv": "giang",
    "catinh": "khanh",
    "vpubnd": "loan",
    "stp": "nga",
    "sldtbxh": "binh",
    "mttq": "hung",
}

# Documents of the register on which programmes rest; key: kind, number, day, effect, last day in force
LAWS = {
    "ct05": ("Chỉ thị", "05-CT/TW", "2021-06-23", "in_force", None),
    "nq24": ("Nghị quyết", "24/2021/QH15", "2021-07-28", "expired", "2025-12-31"),
    "ctr10": ("Chương trình hành động", "10-CTr/TU", "2021-08-23", "unknown", None),
    "ct43": ("Chỉ thị", "43-CT/TW", "2010-06-08", "in_force", None),
    "kl44": ("Kết luận", "44-KL/TW", "2022-11-14", "in_force", None),
    "luatmt": ("Luật", "75/2015/QH13", "2015-06-09", "in_force", None),
    "luat97": ("Luật", "97/2025/QH15", "2025-06-27", "in_force", None),
    "qd217": ("Quyết định", "217-QĐ/TW", "2013-12-12", "in_force", None),
    "nqlt403": ("Nghị quyết liên tịch", "403/2017/NQLT-UBTVQH14-CP-ĐCTUBTWMTTQVN", "2017-06-15", "in_force", None),
}
LAW_SOURCE = "Tình trạng minh họa (demo)"
# Entered a second time as the papers wrote it, for a person to join: kind, number, day, issuer, subject
DOUBLES = [("Luật", "", "2015-06-09", "Quốc hội", "Luật Mặt trận Tổ quốc Việt Nam")]

# What lies on the desks today: task, days ago, review state, title, value of the first indicator
RECENT = [
    ("A.1", 8, "submitted", "28 buổi kiểm tra bếp ăn trường học", 28),
    ("B.1", 7, "submitted", "Ra mắt 2 tổ công nghệ số", 2),
    ("P1.4", 6, "submitted", "Tặng 120 suất quà lưu học sinh Lào", 120),
    ("P3.5", 5, "submitted", "Hiến máu đợt 4, 1.146 đơn vị", 1146),
    ("D.2", 4, "submitted", "Tọa đàm phòng, chống ma túy", 1),
    ("F.2", 3, "submitted", "Trồng 3.000 cây tại Thần Sa", 3000),
    ("A.2", 9, "returned", "Tập huấn cho chủ bếp ăn bán trú", 1),
    ("P3.7", 11, "returned", "Tập huấn sơ cấp cứu cho lái xe", 2),
    ("A.3", 2, "draft", "Ra mắt tổ tự quản chợ trung tâm", 1),
    ("P2.3", 1, "draft", "Khởi công 3 nhà đại đoàn kết", 3),
]


@dataclass(frozen=True)
class DemoIndicator:
    """name, unit, yearly target before the merger of 1/7/2025 and after; share = reached share of what time allows."""

    name: str
    unit: str
    before: float
    after: float
    kind: str = "flow"
    counts: str = ""
    precision: int = 0


@dataclass(frozen=True)
class DemoTask:
    """One task with the words its activities are made of; months = when it mostly happens."""

    code: str
    group: int
    title: str
    lead: str
    indicators: tuple[DemoIndicator, ...]
    deeds: tuple[str, ...]
    months: tuple[int, ...] = tuple(range(1, 13))
    a_year: int = 6  # activities in a full year
    recurrence: str = "year"
    due: str = "12-15"  # month-day of a yearly deadline, or a full date of a single one
    group_name: str = "nhân dân"
    supporting: tuple[str, ...] = ("mttq",)
    goal: int = 0
    weight: int = 1
    share: float | None = None


@dataclass(frozen=True)
class DemoProgramme:
    """A programme and how well it goes: share = accepted results ÷ what the elapsed targets ask for."""

    code: str
    title: str
    short: str
    field: str
    parties: tuple[str, ...]
    starts: str
    ends: str
    signed: str
    share: float
    goals: tuple[str, ...]
    bases: tuple[str, ...]
    tasks: tuple[DemoTask, ...]
    kind: str = "programme"
    status: str = "in_force"
    number: str = ""
    officer: str = "lan"
    milestones: tuple[tuple[str, str, str | None], ...] = field(default=())
    silent_from: str = ""  # no activity from this day on
    last_seen: str = ""


I = DemoIndicator  # noqa: E741 - keeps the tables below readable
T = DemoTask
