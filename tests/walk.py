"""The objects of the permission walk: one of each kind that an address may name, all of Lan's and Minh's programme."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from activities.models import Directive, Evidence, Measurement, ReportDuty
from activities.services import reports
from agreements.models import Extension, LegalBasis, Milestone, ProgrammeDocument, TaskDeadline
from agreements.services.intake import take_in
from core import feeds, files
from core.models import DraftFile, Holiday, SavedView
from partners.models import Membership
from tests import make

if TYPE_CHECKING:
    from agreements.models import Task
    from core.models import StoredFile, User
    from tests.cast import Cast

# Kinds that are not bound to a programme: everyone whose role has the route reaches them.
UNBOUND = {"legal_document", "organisation", "user", "membership", "holiday", "calendar_feed"}
# Kinds that belong to one person only.
PERSONAL = {"draft_file": "minh", "notification": "minh", "saved_view": "minh"}
SIGNING = "Sáng 14/7/2023, Ủy ban MTTQ tỉnh ký kết Chương trình phối hợp với Sở Y tế giai đoạn 2023 - 2027."
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


@dataclass
class Objects:
    """Primary keys by kind, and extra path values by converter name."""

    keys: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def kwargs(self, kind: str, converters: dict[str, Any]) -> dict[str, Any]:
        """Return the values of a path: `pk` is the object, other names are kinds of their own."""
        owner = "programme" if "doc_pk" in converters else kind  # a paper's address names its programme first
        return {name: self.keys[owner] if name == "pk" else self.extra[name] for name in converters}


def stored(user: User, name: str = "bien-ban.pdf", data: bytes = PDF) -> StoredFile:
    """Return a stored file."""
    return files.store(user=user, name=name, data=data, mime="application/pdf")


def make_objects(cast: Cast) -> Objects:
    """Write one of each kind: an activity submitted by Minh, an open deadline of his department."""
    programme = make.make_programme(cast)
    task = make.make_task(cast, programme)
    indicator = make.make_indicator(task)
    activity = make.make_activity(cast, task, values={indicator: 4})
    evidence = Evidence.objects.create(activity=activity, file=stored(cast.minh))
    measurement = Measurement.objects.create(
        task=task,
        indicator=indicator,
        unit=cast.health,
        author=cast.minh,
        acting_for=cast.health,
        as_of=activity.starts_on,
        value=3,
        review="submitted",
        submitted_at=activity.submitted_at,
    )
    law = make.make_legal_document()
    basis = LegalBasis.objects.create(programme=programme, document=law)
    paper = ProgrammeDocument.objects.create(
        programme=programme, title="Bản ký", file=stored(cast.lan), added_by=cast.lan
    )
    intake = take_in(actor=cast.actor(cast.lan), text=SIGNING)
    milestone = Milestone.objects.create(programme=programme, kind="final_review", due_on=programme.ends_on)
    directive = Directive.objects.create(
        programme=programme, task=task, committee=cast.committee, unit=cast.health, author=cast.hoa,
        text="Hoàn thành kiểm tra liên ngành.", due_on=programme.ends_on,
    )  # fmt: skip
    directive.files.add(stored(cast.minh, "tra-loi.pdf"))
    duty = ReportDuty.objects.create(
        programme=programme,
        committee=cast.committee,
        unit=cast.health,
        kind="half_year",
        period="2027-H1",
        starts_on="2026-12-15",
        ends_on="2027-06-15",
        due_on="2027-06-15",
    )
    holiday = Holiday.objects.get_or_create(day="2027-01-01", defaults={"name": "Tết Dương lịch"})[0]
    draft_file = DraftFile.objects.create(user=cast.minh, form_key=uuid.uuid4(), file=stored(cast.minh))
    deadline = TaskDeadline.objects.get(task=task)
    asked = make.make_task(cast, programme).deadlines.get()
    later = asked.due_on + datetime.timedelta(days=30)
    extension = Extension.objects.create(
        deadline=asked,
        state="requested",
        old_due_on=asked.due_on,
        new_due_on=later,
        asked_due_on=later,
        reason="Chờ kinh phí",
        requested_by=cast.minh,
        requested_for=cast.health,
        requested_at=timezone.now(),
    )
    sent, draft = make_reports(cast, task)
    keys = {
        "programme": programme.pk,
        "task": task.pk,
        "activity": activity.pk,
        "measurement": measurement.pk,
        "indicator": indicator.pk,
        "evidence_file": evidence.file.pk,
        "draft_file": draft_file.pk,
        "saved_view": SavedView.objects.create(user=cast.minh, name="Việc quá hạn", path="/viec/").pk,
        "legal_document": law.pk,
        "legal_basis": basis.pk,
        "programme_document": paper.pk,
        "intake": intake.pk,
        "milestone": milestone.pk,
        "report_duty": sent.pk,
        "report_draft": draft.pk,
        "deadline": deadline.pk,
        "directive": directive.pk,
        "directive_file": directive.files.get().pk,
        "duty": duty.pk,
        "holiday": holiday.pk,
        "extension": extension.pk,
        "organisation": cast.health.pk,
        "user": cast.minh.pk,
        "membership": Membership.objects.get(user=cast.minh).pk,
    }
    return Objects(
        keys=keys,
        extra={
            "document_pk": paper.pk,
            "doc_pk": paper.pk,
            "step": 1,
            "number": 0,
            "secret": feeds.create_feed(actor=cast.minh),
        },
    )


def make_reports(cast: Cast, task: Task) -> tuple[ReportDuty, ReportDuty]:
    """Return a duty of Minh's department whose report is sent, and one whose report he is writing."""
    minh = cast.actor(cast.minh)
    found = []
    for period, first, last in (("2026-H1", (2025, 12, 15), (2026, 6, 15)), ("2026-H2", (2026, 6, 15), (2026, 12, 15))):
        duty = ReportDuty.objects.create(
            programme=task.programme,
            committee=cast.committee,
            unit=cast.health,
            kind="half_year",
            period=period,
            starts_on=datetime.date(*first),
            ends_on=datetime.date(*last),
            due_on=datetime.date(*last),
        )
        reports.open_report(actor=minh, duty=duty)
        found.append(duty)
    lines = {
        line.pk: reports.LineData(self_rating="on_track", result="Đã kiểm tra bốn bếp ăn.")
        for line in found[0].report.lines.all()
    }
    data = reports.ReportData(summary="Hai bên đã triển khai theo kế hoạch.", lines=lines)
    report = reports.save_report(actor=minh, report=found[0].report, data=data)
    reports.submit_report(actor=minh, report=report)
    return found[0], found[1]
