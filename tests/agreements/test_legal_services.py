"""The register of legal documents: effect, names, merging, import, seed, matching of citations."""

from __future__ import annotations

import datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements import services
from agreements.models import LegalAlias, LegalBasis, LegalDocument, LegalRelation, Programme
from agreements.services import legal
from agreements.services.legal import matching, seed
from core.exceptions import DomainError, NotAllowed
from core.models import AuditEntry, Notification
from tests.make import make_legal_document, make_programme

pytestmark = pytest.mark.django_db
DAY = datetime.date


def rest(programme: Programme, document: LegalDocument, **values) -> LegalBasis:
    return LegalBasis.objects.create(programme=programme, document=document, **values)


def save(cast, document, **values):
    document.refresh_from_db()
    same = {name: getattr(document, name) for name in legal.FIELDS}
    return services.save_document(
        actor=cast.actor(cast.lan), document=document, version=document.version, **same | values
    )


class TestEffect:
    def test_replaced_names_the_later_document_and_makes_the_relation(self, cast):
        old, new = make_legal_document(), make_legal_document()
        with pytest.raises(DomainError) as caught:
            save(cast, old, effect="replaced", effect_source="Công báo")
        assert caught.value.field == "replaced_by"
        save(cast, old, effect="replaced", effect_source="Công báo", replaced_by=new)
        assert LegalRelation.objects.get(kind="replaces").source == new
        save(cast, old, effect="replaced", effect_source="Công báo số 2")  # related before: need not be named again
        for wrong in (old, new):
            target = old if wrong is old else new
            with pytest.raises(DomainError):
                save(cast, target, effect="replaced", effect_source="x", replaced_by=old)

    def test_status_and_dates_must_fit(self, cast):
        row = make_legal_document()
        past, future = DAY(2020, 1, 1), DAY(2090, 1, 1)
        for values, field in (
            ({"effect": "in_force"}, "effect_source"),
            ({"effect_to": future}, "effect_source"),
            ({"effect": "in_force", "effect_source": "x", "effect_to": past}, "effect"),
            ({"effect": "not_yet", "effect_source": "x", "effect_from": past}, "effect"),
            ({"effect_from": future, "effect_to": past, "effect_source": "x"}, "effect_to"),
        ):
            with pytest.raises(DomainError) as caught:
                save(cast, row, **values)
            assert caught.value.field == field

    def test_officers_of_live_programmes_are_told_once_for_programme_and_document(self, cast):
        row = make_legal_document()
        first, second = make_programme(cast), make_programme(cast, officer=cast.hung, status="ended")
        closed, own = make_programme(cast, status="closed"), make_programme(cast, officer=None)
        for programme in (first, second, closed, own):
            rest(programme, row)
        save(cast, row, effect="expired", effect_source="Công báo")
        told = Notification.objects.filter(kind="basis.weak")
        assert sorted(told.values_list("user__username", flat=True)) == ["hung", "lan"]
        notice = told.get(user=cast.lan)
        assert notice.url == f"/chuong-trinh/{first.pk}/can-cu/"
        assert notice.params == {"programme": first.name, "document": str(row)}
        save(cast, row, effect="in_force")
        save(cast, row, effect="expired")
        assert told.count() == 2

    def test_days_act_by_themselves_once(self, cast):
        day = DAY(2026, 11, 23)
        over = make_legal_document(effect="in_force", effect_to=DAY(2026, 11, 22), effect_source="x")
        today = make_legal_document(effect="in_force", effect_to=day, effect_source="x")
        begun = make_legal_document(effect="not_yet", effect_from=day, effect_source="x")
        replaced = make_legal_document(effect="replaced", effect_to=DAY(2020, 1, 1), effect_source="x")
        rest(make_programme(cast), over)
        assert services.expire_due_documents(day) == 2
        assert services.expire_due_documents(day) == 0
        found = [LegalDocument.objects.get(pk=row.pk).effect for row in (over, today, begun, replaced)]
        assert found == ["expired", "in_force", "in_force", "replaced"]
        actions = AuditEntry.objects.filter(user=None).values_list("action", "object_id")
        assert set(actions) == {("legal.expire", str(over.pk)), ("legal.begin", str(begun.pk))}
        assert Notification.objects.filter(user=cast.lan, kind="basis.weak").count() == 1

    def test_the_nightly_command_does_it(self, cast):
        row = make_legal_document(effect="in_force", effect_to=DAY(2020, 1, 1), effect_source="x")
        call_command("refresh_figures")
        row.refresh_from_db()
        assert row.effect == "expired"

    def test_keeping_a_basis_quiets_the_flag_for_that_effect_only(self, cast):
        row = make_legal_document(effect="expired", effect_source="x")
        basis = rest(make_programme(cast), row)
        assert list(LegalBasis.objects.unseen()) == [basis]
        lan = cast.actor(cast.lan)
        for effect, reason in (("expired", " "), ("replaced", "vẫn dùng"), ("", "vẫn dùng")):
            with pytest.raises(DomainError):
                services.keep_basis(actor=lan, basis=basis, effect=effect, reason=reason)
        for who in (cast.minh, cast.hoa, cast.phuong):
            with pytest.raises(NotAllowed):
                services.keep_basis(actor=cast.actor(who), basis=basis, effect="expired", reason="x")
        services.keep_basis(actor=lan, basis=basis, effect="expired", reason="Chờ văn bản mới")
        assert not LegalBasis.objects.unseen().exists()
        assert list(LegalBasis.objects.weak()) == [basis]
        entry = AuditEntry.objects.get(action="programme.keep_basis")
        assert (entry.object_id, entry.reason) == (str(basis.programme_id), "Chờ văn bản mới")
        save(cast, row, effect="replaced", replaced_by=make_legal_document())
        assert list(LegalBasis.objects.unseen()) == [basis]


class TestNamesAndRelations:
    def test_an_alias_finds_and_does_not_decide(self, cast):
        lan, row = cast.actor(cast.lan), make_legal_document(number="1719/QĐ-TTg")
        other = make_legal_document()
        alias = services.add_alias(actor=lan, document=row, text="Chương trình MTQG 1719")
        assert services.add_alias(actor=lan, document=row, text="chương trình  mtqg 1719") == alias
        assert list(LegalDocument.objects.search("mtqg 1719")) == [row]
        services.add_alias(actor=lan, document=other, text="Chương trình MTQG 1719")
        assert set(LegalDocument.objects.twins()) == {row, other}
        with pytest.raises(DomainError):
            services.add_alias(actor=lan, document=row, text="..")
        with pytest.raises(NotAllowed):
            services.add_alias(actor=cast.actor(cast.minh), document=row, text="Chỉ thị 05")
        services.drop_alias(actor=lan, document=other, pk=alias.pk)  # of another document: nothing happens
        services.drop_alias(actor=lan, document=row, pk=alias.pk)
        services.drop_alias(actor=lan, document=row, pk=alias.pk)
        assert not row.aliases.exists()

    def test_relations_do_not_contradict_and_can_be_taken_back(self, cast):
        lan, old, new = cast.actor(cast.lan), make_legal_document(), make_legal_document()
        services.relate(actor=lan, source=new, target=old, kind="amends")
        with pytest.raises(DomainError):
            services.relate(actor=lan, source=old, target=new, kind="amends")
        save(cast, old, effect="replaced", effect_source="x", replaced_by=new)
        replaces = LegalRelation.objects.get(kind="replaces")
        with pytest.raises(DomainError):
            services.drop_relation(actor=lan, document=new, pk=replaces.pk)
        save(cast, old, effect="expired")
        services.drop_relation(actor=lan, document=old, pk=replaces.pk)
        with pytest.raises(NotAllowed):
            services.drop_relation(actor=cast.actor(cast.hoa), document=old, pk=0)
        assert list(LegalRelation.objects.values_list("kind", flat=True)) == ["amends"]


@pytest.mark.parametrize(
    "typed",
    ["27/2022/NĐ-CP", "27 2022 nd cp", "số 27-2022", "Nghị định số 27/2022/NĐ - CP", "nghị định 027 / 2022", "ND-CP"],
)
def test_a_number_is_found_however_it_is_written(typed):
    row = make_legal_document(kind="Nghị định", number="27/2022/NĐ-CP")
    make_legal_document(number="38/2023/QĐ-TTg")
    assert list(LegalDocument.objects.search(typed)) == [row]


class TestTwins:
    @pytest.mark.parametrize(
        ("changes", "alike"),
        [
            ({"number": "5/ct-tw", "issued_on": None}, True),
            ({"number": "05 – CT/TƯ", "issuer": "Ban Bí thư Trung ương Đảng"}, True),
            ({"issued_on": DAY(2016, 5, 15)}, False),
            ({"issued_on": None, "issued_year": 2016}, False),
            ({"kind": "Quy định"}, True),  # same number and day under another word
            ({"kind": "Quy định", "issued_on": None}, False),
            ({"number": ""}, True),
            ({"number": "", "issuer": "Quốc hội"}, False),
            ({"number": "", "issued_on": None}, False),
            ({"number": "06-CT/TW"}, False),
        ],
    )
    def test_pairs(self, changes, alike):
        one = make_legal_document(number="05-CT/TW", issued_on=DAY(2021, 6, 23), issuer="Ban Bí thư")
        values = {"number": "05-CT/TW", "issued_on": DAY(2021, 6, 23), "issuer": "Ban Bí thư"} | changes
        if values == {"number": "05-CT/TW", "issued_on": DAY(2021, 6, 23), "issuer": "Ban Bí thư"}:
            values["subject"] = "x"
        two = make_legal_document(**values)
        assert set(LegalDocument.objects.twins()) == ({one, two} if alike else set())
        assert list(LegalDocument.objects.twins_of(one)) == ([two] if alike else [])
        assert list(LegalDocument.objects.twins_of(two)) == ([one] if alike else [])


class TestMerge:
    def pair(self):
        keep = make_legal_document(kind="Luật", number="75/2015/QH13", issued_on=DAY(2015, 6, 9), issuer="Quốc hội")
        drop = make_legal_document(kind="Luật", number="", issued_on=DAY(2015, 6, 9), issuer="Quốc hội", subject="MTTQ")
        return keep, drop

    def merge(self, cast, keep, drop, **values):
        return services.merge_documents(
            actor=cast.actor(cast.lan), keep=keep, drop=drop, versions=(keep.version, drop.version), **values
        )

    def test_everything_moves_and_the_history_keeps_the_old_row(self, cast):
        keep, drop = self.pair()
        LegalDocument.objects.filter(pk=drop.pk).update(effect="expired", effect_source="Công báo")
        LegalDocument.objects.filter(pk=keep.pk).update(subject="")
        keep.refresh_from_db()
        drop.refresh_from_db()
        third = make_legal_document()
        LegalAlias.objects.create(document=drop, text="Luật Mặt trận")
        LegalRelation.objects.create(source=third, target=drop, kind="amends")
        LegalRelation.objects.create(source=drop, target=keep, kind="amends")  # would point at itself
        both, one = make_programme(cast), make_programme(cast)
        rest(both, keep)
        rest(both, drop, quoted="Luật MTTQ", position=3)
        rest(one, drop)
        plan = legal.preview_merge(keep=keep, drop=drop)
        assert (plan.programmes, plan.shared, plan.needs_reason) == ((one.pk,), (both.pk,), False)
        assert set(plan.filled) == {"subject", "effect"}
        row = self.merge(cast, keep, drop)
        assert row.pk == keep.pk and row.effect == "expired" and row.effect_source == "Công báo"
        assert row.subject == "MTTQ" and row.number == "75/2015/QH13"
        assert not LegalDocument.objects.filter(pk=drop.pk).exists()
        assert both.legal_bases.get().quoted == "Luật MTTQ"
        assert one.legal_bases.get().document == keep
        assert list(LegalRelation.objects.values_list("source", "target")) == [(third.pk, keep.pk)]
        assert list(LegalDocument.objects.search("luat mat tran")) == [row]
        history = seed.apps.get_model("agreements", "LegalDocumentHistory")
        assert history.objects.filter(pgh_obj_id=drop.pk, subject="MTTQ").exists()
        assert legal.merged_into(drop.pk) == keep.pk and legal.merged_into(keep.pk) is None
        assert AuditEntry.objects.filter(action="programme.basis_merged").count() == 2
        assert Notification.objects.filter(kind="basis.weak").count() == 2  # the joined one is expired

    def test_the_other_number_stays_findable_and_citable(self, cast):
        keep = make_legal_document(kind="Nghị quyết liên tịch", number="19/2008/NQLT-CP-UBTWMTTQVN", issuer="")
        drop = make_legal_document(kind="Nghị quyết liên tịch", number="19/2008/NQLT/CP-UBMTTQVN", issuer="")
        with pytest.raises(DomainError) as caught:
            self.merge(cast, keep, drop)
        assert caught.value.field == "confirmed"
        with pytest.raises(DomainError) as caught:
            self.merge(cast, keep, drop, confirmed=True, reason=" ")
        assert caught.value.field == "reason"
        self.merge(cast, keep, drop, confirmed=True, reason="Hai cách viết")
        assert list(LegalDocument.objects.search("19/2008/NQLT-CP-UBMTTQVN")) == [keep]
        cited = matching.Citation("Nghị quyết liên tịch", "19/2008/NQLT/CP-UBMTTQVN", DAY(2021, 6, 23))
        assert legal.Register([cited]).match(cited).document == keep

    def test_dates_that_contradict_need_a_reason(self, cast):
        keep = make_legal_document(number="05-CT/TW")
        drop = make_legal_document(number="05-CT/TW", issued_on=DAY(2016, 5, 15))
        assert legal.preview_merge(keep=keep, drop=drop).contradicting == ("issued_on",)
        with pytest.raises(DomainError):
            self.merge(cast, keep, drop)
        assert LegalDocument.objects.count() == 2

    def test_refusals(self, cast):
        keep, drop = self.pair()
        with pytest.raises(NotAllowed):
            services.merge_documents(actor=cast.actor(cast.minh), keep=keep, drop=drop, versions=(1, 1))
        for versions in ((1, 2), (None, 1)):
            with pytest.raises(DomainError):
                services.merge_documents(actor=cast.actor(cast.lan), keep=keep, drop=drop, versions=versions)
        with pytest.raises(DomainError):
            self.merge(cast, keep, keep)
        self.merge(cast, keep, drop)
        with pytest.raises(DomainError):  # pressed twice
            self.merge(cast, keep, drop)


class TestImport:
    HEAD = ("Loại văn bản", "Số ký hiệu", "Ngày ban hành", "Cơ quan ban hành", "Hiệu lực", "Nguồn hiệu lực", "Ghi chú")

    def table(self, *rows):
        return [list(self.HEAD), *(list(row) for row in rows)]

    def test_dry_run_then_write(self, cast):
        make_legal_document(kind="Chỉ thị", number="05-CT/TW", issuer="Ban Bí thư")
        table = self.table(
            ("Nghị định", "27/2022/NĐ-CP", "19/4/2022", "Chính phủ", "Còn hiệu lực", "Công báo", "x"),
            ("chỉ thị", "5/CT-TW", "23/06/2021", "Ban bí thư"),
            ("Chỉ thị", "05-CT/TW", "15/05/2016", "Bộ Chính trị"),
            ("", "1/QĐ", "1/1/2020"),
            ("Quyết định", "2/QĐ-UBND", "31/02/2020"),
            ("Quyết định", "3/QĐ-UBND", "1/2/2020", "", "Hết hiệu lực"),
            ("Quyết định", "4/QĐ-UBND", "1/2/2020", "", "Bị thay thế", "x"),
            ("Nghị định", "27/2022/nđ-cp", "19/04/2022", "Chính phủ"),
            ("=HYPERLINK(1)", "", ""),
        )
        plan = services.legal.plan_import(table)
        assert [row.outcome for row in plan.rows] == [
            "new", "known", "alike", "wrong", "wrong", "wrong", "wrong", "wrong", "wrong",
        ]  # fmt: skip
        assert all(row.problems for row in plan.rows if row.outcome == "wrong")
        assert plan.ignored == ["Ghi chú"]
        assert LegalDocument.objects.count() == 1
        lan = cast.actor(cast.lan)
        with pytest.raises(DomainError):
            services.import_documents(actor=lan, table=table, expected=3)
        with pytest.raises(NotAllowed):
            services.import_documents(actor=cast.actor(cast.minh), table=table, expected=2)
        assert services.import_documents(actor=lan, table=table, expected=2, name="so.xlsx") == 2
        row = LegalDocument.objects.get(number="27/2022/NĐ-CP")
        assert (row.effect, row.effect_source, row.issued_on) == ("in_force", "Công báo", DAY(2022, 4, 19))
        assert services.legal.plan_import(table).writes == 0
        assert AuditEntry.objects.filter(action="legal.import", object_label="so.xlsx").count() == 1

    @pytest.mark.parametrize("head", [["Số"], ["Loại", "Kind"], ["<b>", ""]])
    def test_a_heading_that_cannot_be_used_says_so(self, head):
        with pytest.raises(DomainError) as caught:
            services.legal.plan_import([head, ["x"]])
        assert caught.value.field == "table"

    def test_two_without_a_number_that_look_the_same(self, cast):
        make_legal_document(kind="Luật", number="", issuer="Quốc hội", issued_on=None, subject="Mặt trận")
        head = ["Loại", "Cơ quan", "Trích yếu"]
        plan = services.legal.plan_import([head, ["Luật", "Quốc hội", "Công đoàn"], ["Luật", "Quốc hội", "Thanh niên"]])
        assert [row.outcome for row in plan.rows] == ["wrong", "wrong"]


class TestSeed:
    def test_loads_once_and_leaves_alone_what_a_person_did(self, cast):
        content = seed.read_documents()
        assert services.load_documents() == len(content["documents"]) == 59
        assert LegalRelation.objects.count() == len(content["relations"])
        assert services.load_documents() == 0
        save(cast, LegalDocument.objects.get(number="18/CT-TTg"), number="18/CT-TTg sửa", subject="của tôi")
        LegalDocument.objects.get(number="74/NQ-CP").delete()
        LegalRelation.objects.all().delete()
        assert services.load_documents() == 0
        assert LegalRelation.objects.count() == 0
        assert LegalDocument.objects.count() == 58
        assert not LegalDocument.objects.twins().exists()

    def test_kinds_have_dates_where_known_and_no_effect_is_claimed(self):
        call_command("load_legal_documents")
        assert set(LegalDocument.objects.values_list("effect", flat=True)) == {"unknown"}
        assert LegalDocument.objects.get(number="05-CT/TW").issued_on == DAY(2021, 6, 23)
        kl44 = LegalDocument.objects.get(number="44-KL/TW")
        assert [(row.kind, row.target.number) for row in kl44.relations_out.all()] == [("continues", "43-CT/TW")]


class TestMatching:
    def verdict(self, *args, **values):
        citation = matching.Citation(*args, **values)
        found = legal.Register([citation]).match(citation)
        return found.verdict, found.document

    def test_verdicts(self):
        ct05 = make_legal_document(number="05-CT/TW", issuer="Ban Bí thư Trung ương Đảng")
        qh = make_legal_document(
            kind="Nghị quyết", number="24/2021/QH15", issued_on=DAY(2021, 7, 28), issuer="Quốc hội"
        )
        day = ct05.issued_on
        assert self.verdict("Chỉ thị", "5 -CT/TƯ", day, issuer="Ban Bí thư") == ("known", ct05)
        assert self.verdict("Chỉ thị", "05-CT/TW", None) == ("undated", ct05)
        assert self.verdict("Chỉ thị", "05-CT/TW", None, issued_year=2021) == ("known", ct05)
        assert self.verdict("Chỉ thị", "05-CT/TW", DAY(2016, 5, 15)) == ("other_date", None)
        assert self.verdict("Chỉ thị", "05-CT/TW", None, issued_year=2016) == ("other_date", None)
        assert self.verdict("Chỉ thị", "05-CT/TW", day, issuer="Bộ Chính trị") == ("other_issuer", ct05)
        assert self.verdict("Thông tri", "05-CT/TW", day) == ("other_kind", None)
        assert self.verdict("Nghị quyết", "24/2021/QH15") == ("known", qh)
        assert self.verdict("Nghị định", "27/2022/NĐ-CP") == ("new", None)

    def test_several_an_alias_and_no_number_are_for_a_person(self):
        one = make_legal_document(kind="Quyết định", number="165/QĐ-UBND", issuer="UBND tỉnh A")
        two = make_legal_document(kind="Quyết định", number="165/QĐ-UBND", issuer="UBND tỉnh B")
        assert self.verdict("Quyết định", "165/QĐ-UBND", one.issued_on) == ("several", None)
        assert self.verdict("Quyết định", "165/QĐ-UBND", one.issued_on, issuer="UBND tỉnh B") == ("known", two)
        LegalAlias.objects.create(document=one, text="Nghị quyết 57")
        citation = matching.Citation("Nghị quyết", "57")
        found = legal.Register([citation]).match(citation)
        assert (found.verdict, found.document, found.choices) == ("named", None, [one])
        bare = matching.Citation("Quyết định", "", one.issued_on)
        found = legal.Register([bare]).match(bare)
        assert (found.verdict, found.document, set(found.choices)) == ("no_number", None, {one, two})

    def test_two_queries_however_many_citations(self):
        rows = [make_legal_document() for _ in range(30)]
        cited = [matching.Citation(row.kind, row.number, row.issued_on) for row in rows]
        with CaptureQueriesContext(connection) as queries:
            register = legal.Register(cited)
            assert [register.match(citation).document for citation in cited] == rows
        assert len(queries) == 2
