"""Pages of the register: who sees what, what was typed stays, each step by the browser's own requests."""

from __future__ import annotations

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.models import LegalAlias, LegalBasis, LegalDocument, LegalRelation
from tests.documents.test_tables import text_cell, workbook
from tests.make import make_legal_document, make_programme, make_task

pytestmark = pytest.mark.django_db
TABLE = "Loại văn bản\tSố ký hiệu\tNgày ban hành\nNghị định\t27/2022/NĐ-CP\t19/4/2022\nNghị định\t1/2\t31/02/2020\n"


def text_of(response) -> str:
    return response.content.decode()


def rest(cast, document, **changes):
    programme = make_programme(cast, **changes)
    return LegalBasis.objects.create(programme=programme, document=document, quoted="Căn cứ Chỉ thị đã nêu")


class TestList:
    def test_tabs_filters_and_search(self, cast, sign_in):
        used = make_legal_document(number="05-CT/TW", subject="Giảm nghèo")
        weak = make_legal_document(
            kind="Luật", number="7/2001/QH10", effect="expired", effect_source="x", issuer="Quốc hội", subject=""
        )
        other = make_legal_document(issued_on=None, issued_year=2019, subject="Việc khác")
        make_legal_document(number="5/CT-TW", issued_on=None, issuer="")
        LegalAlias.objects.create(document=weak, text="Luật cũ")
        rest(cast, used)
        client = sign_in(cast.minh)
        for query, found in (
            ("q=05 CT/TƯ", [used]),
            ("q=giam ngheo", [used]),
            ("q=luat cu", [weak]),
            ("loai=Luật", [weak]),
            ("co-quan=Quốc hội", [weak]),
            ("hieu-luc=expired", [weak]),
            ("nam=2019", [other]),
            ("danh-sach=co-chuong-trinh", [used]),
            ("danh-sach=can-kiem-tra", [used]),
            ("danh-sach=het-hieu-luc", [weak]),
            ("danh-sach=trung-so&q=giam ngheo", [used]),
            ("danh-sach=la&nam=x&hieu-luc=y&page=99", None),
        ):
            rows = client.get(f"/can-cu/?{query}").context["page_obj"].object_list
            assert found is None or [row for row in rows if row in {used, weak, other}] == found, query
        tabs = client.get("/can-cu/").context["tabs"]
        assert [tab["count"] for tab in tabs] == ["4", "1", "1", "1", "2"]
        assert "/can-cu/nhap-bang/" not in text_of(client.get("/can-cu/"))
        # a stranger's programme is not counted
        tabs = sign_in(cast.tuan).get("/can-cu/").context["tabs"]
        assert [tab["count"] for tab in tabs] == ["4", "0", "0", "1", "2"]

    def test_queries_do_not_grow_with_rows(self, cast, sign_in):
        client = sign_in(cast.lan)

        def count() -> int:
            client.get("/can-cu/")
            with CaptureQueriesContext(connection) as queries:
                client.get("/can-cu/")
            return len(queries)

        LegalAlias.objects.create(document=make_legal_document(), text="Tên")
        few = count()
        for _ in range(20):
            LegalAlias.objects.create(document=make_legal_document(), text="Tên")
        assert count() == few


class TestPage:
    def test_shows_programmes_and_tasks_within_scope(self, cast, sign_in):
        document = make_legal_document(effect="expired", effect_source="Công báo", effect_to=datetime.date(2020, 1, 31))
        basis = rest(cast, document)
        task = make_task(cast, basis.programme)
        body = text_of(sign_in(cast.minh).get(f"/can-cu/{document.pk}/"))
        for words in (basis.programme.title, task.title, "Căn cứ Chỉ thị đã nêu", "31/01/2020", "Công báo"):
            assert words in body
        assert "/sua/" not in body
        assert basis.programme.title not in text_of(sign_in(cast.tuan).get(f"/can-cu/{document.pk}/"))

    def test_names_and_relations_are_entered_and_removed(self, cast, sign_in):
        client = sign_in(cast.lan)
        document, other = make_legal_document(), make_legal_document(number="77/NQ-CP")
        here = f"/can-cu/{document.pk}/"
        assert client.post(f"{here}ten-khac/", {"text": "Chỉ thị 05"})["Location"] == here
        bad = client.post(f"{here}ten-khac/", {"text": ".,"})
        assert bad.status_code == 200 and 'value=".,"' in text_of(bad)
        assert client.post(f"{here}quan-he/", {"kind": "amends", "target": "77 / nq-cp"})["Location"] == here
        assert LegalRelation.objects.get().target == other
        bad = client.post(f"{here}quan-he/", {"kind": "amends", "target": "99/KHÔNG-CÓ"})
        assert "99/KHÔNG-CÓ" in text_of(bad) and bad.status_code == 200
        make_legal_document(number="77/NQ-CP", issued_on=datetime.date(2019, 1, 1))
        bad = client.post(f"{here}quan-he/", {"kind": "amends", "target": "77/NQ-CP"})
        assert other.label in text_of(bad)
        for part, pk in (("quan-he", LegalRelation.objects.get().pk), ("ten-khac", LegalAlias.objects.get().pk)):
            assert client.post(f"{here}{part}/", {"bo": pk})["Location"] == here
            assert client.post(f"{here}{part}/", {"bo": "x"})["Location"] == here
        assert not LegalRelation.objects.exists() and not LegalAlias.objects.exists()
        assert "Chỉ thị 05" in text_of(client.get(here))  # in its history

    def test_replaced_in_one_action(self, cast, sign_in):
        client = sign_in(cast.lan)
        old, new = make_legal_document(), make_legal_document(number="9/NQ-CP")
        data = {"kind": old.kind, "number": old.number, "issued_on": "23/06/2021", "issuer": old.issuer, "version": 1}
        data |= {"effect": "replaced", "effect_source": "Công báo"}
        bad = client.post(f"/can-cu/{old.pk}/sua/", data)
        assert "id_replaced_by" in text_of(bad) and bad.status_code == 200
        assert client.post(f"/can-cu/{old.pk}/sua/", data | {"replaced_by": "9/nq-cp"}).status_code == 302
        assert new.label in text_of(client.get(f"/can-cu/{old.pk}/"))
        stale = client.post(f"/can-cu/{old.pk}/sua/", data | {"replaced_by": "9/nq-cp", "subject": "khác"})
        assert stale.status_code == 409


class TestMerge:
    def test_side_by_side_then_joined_and_the_old_address_leads_on(self, cast, sign_in):
        client = sign_in(cast.lan)
        keep = make_legal_document(number="05-CT/TW")
        drop = make_legal_document(number="05-CT/TW", issued_on=datetime.date(2016, 5, 15))
        basis = rest(cast, drop)
        page = f"/can-cu/{keep.pk}/gop/"
        assert client.get(page).status_code == 200
        url = f"{page}?voi={drop.pk}"
        assert client.get(f"{page}?voi={drop.label}")["Location"] == url
        for wrong in ("khong-co-so-nay", keep.label, "999999"):
            assert client.get(page, {"voi": wrong}).status_code == 200
        body = text_of(client.get(url))
        assert basis.programme.title in body and 'name="confirmed"' in body
        data = {"version": 1, "other_version": 1}
        refused = client.post(url, data | {"reason": "vì thế"})
        assert refused.status_code == 200 and "vì thế" in text_of(refused)
        assert (
            client.post(url, data | {"reason": "Gõ nhầm ngày", "confirmed": "on"})["Location"] == f"/can-cu/{keep.pk}/"
        )
        assert client.get(f"/can-cu/{drop.pk}/")["Location"] == f"/can-cu/{keep.pk}/"
        assert basis.programme.legal_bases.get().document == keep
        assert "Gõ nhầm ngày" in text_of(client.get(f"/can-cu/{keep.pk}/"))


class TestImport:
    def test_dry_run_then_confirm(self, cast, sign_in):
        client = sign_in(cast.lan)
        shown = client.post("/can-cu/nhap-bang/", {"text": TABLE})
        assert shown.context["plan"].writes == 1 and "31/02/2020" in text_of(shown)
        assert not LegalDocument.objects.exists()
        again = {"text": shown.context["text"], "act": "write", "expected": 1}
        changed = client.post("/can-cu/nhap-bang/", again | {"expected": "x"})
        assert changed.status_code == 200 and not LegalDocument.objects.exists()
        assert client.post("/can-cu/nhap-bang/", again)["Location"] == "/can-cu/"
        assert LegalDocument.objects.get().number == "27/2022/NĐ-CP"
        assert client.post("/can-cu/nhap-bang/", {"text": TABLE}).context["plan"].writes == 0

    def test_files(self, cast, sign_in):
        client = sign_in(cast.lan)
        rows = f'<row r="1">{text_cell("A1", "Loại")}{text_cell("B1", "Số")}</row>'
        rows += f'<row r="2">{text_cell("A2", "Luật")}{text_cell("B2", "=1+1")}</row>'
        for name, data, writes in (
            ("so.xlsx", workbook(rows), 1),
            ("so.csv", TABLE.replace("\t", ";").encode(), 1),
            ("so.xlsx", b"PK\x03\x04", None),
            ("so.csv", b"\xff\xfe\x00\xd8", None),
            ("so.pdf", b"%PDF-1.4", None),
            ("so.xlsm", b"PK\x03\x04", None),
            ("so.csv", b"x" * 2_000_000, None),
        ):
            response = client.post("/can-cu/nhap-bang/", {"file": SimpleUploadedFile(name, data)})
            assert response.status_code == 200
            plan = response.context.get("plan")
            assert (plan.writes if plan else None) == writes, name
            assert plan or response.context["form"].errors

    @pytest.mark.parametrize("data", [{}, {"text": "Số\n1"}, {"text": "a"}, {"act": "write", "expected": "1"}])
    def test_what_cannot_be_read_says_so_and_keeps_the_text(self, cast, sign_in, data):
        response = sign_in(cast.lan).post("/can-cu/nhap-bang/", data)
        assert response.status_code == 200 and response.context["form"].errors
        assert data.get("text", "") in text_of(response)


class TestFlag:
    def test_from_the_list_to_the_note_that_quiets_it(self, cast, sign_in):
        client = sign_in(cast.lan)
        document = make_legal_document(effect="expired", effect_source="x")
        basis = rest(cast, document)
        rest(cast, document, status="closed")
        rest(cast, make_legal_document())
        tab = "/chuong-trinh/?danh-sach=can-cu-het-hieu-luc"
        shown = client.get(tab)
        assert [row.pk for row in shown.context["rows"]] == [basis.programme_id]
        assert "Căn cứ hết hiệu lực" in text_of(shown) and "hết hiệu lực, giữ nguyên" not in text_of(shown)
        assert client.get("/").context["front"].weak_count == 1
        assert "ra-soat=chua" in text_of(client.get("/"))
        page = f"/chuong-trinh/{basis.programme_id}/"
        assert "note-fix" in text_of(client.get(page))
        keep = f"/chuong-trinh/can-cu/{basis.pk}/giu-nguyen/"
        assert keep in text_of(client.get(f"{page}can-cu/"))
        refused = client.post(keep, {"effect": "expired", "reason": ""})
        assert refused.status_code == 200 and "errsum" in text_of(refused)
        refused = client.post(keep, {"effect": "nothing", "reason": "Vẫn dùng được"})
        assert refused.status_code == 200 and "Vẫn dùng được" in text_of(refused)
        assert client.post(keep, {"effect": "expired", "reason": "Chờ văn bản mới"})["Location"] == f"{page}can-cu/"
        body = text_of(client.get(f"{page}can-cu/"))
        assert "Chờ văn bản mới" in body and keep not in body
        assert client.get(f"{tab}&ra-soat=chua").context["rows"] == []
        assert len(client.get(f"{tab}&ra-soat=giu-nguyen").context["rows"]) == 1
        assert client.get("/").context["front"].weak_count == 0

    def test_others_see_the_flag_and_may_not_note(self, cast, sign_in):
        basis = rest(cast, make_legal_document(effect="expired", effect_source="x"))
        keep = f"/chuong-trinh/can-cu/{basis.pk}/giu-nguyen/"
        data = {"effect": "expired", "reason": "x"}
        assert keep not in text_of(sign_in(cast.minh).get(f"/chuong-trinh/{basis.programme_id}/can-cu/"))
        assert sign_in(cast.minh).post(keep, data).status_code == 403
        assert sign_in(cast.phuong).post(keep, data).status_code == 404
