"""core.forms: what people type, and what they are told."""

from __future__ import annotations

import datetime
import io
import zipfile
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.utils import translation
from PIL import Image

from core import forms
from core.exceptions import Stale
from core.models import User
from partners.models import Organisation


def _png() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (4, 4)).save(data, "PNG")
    return data.getvalue()


PNG = _png()


class Sample(forms.Form):
    name = forms.TextField(label="Tên chương trình", max_length=10)
    signed_on = forms.DateField(label="Ngày ký")
    quantity = forms.NumberField(label="Số lượng", decimal_places=1, min_value=0)
    value = forms.MoneyField(label="Giá trị", required=False)
    note = forms.LongTextField(label="Ghi chú", required=False)
    kind = forms.forms.ChoiceField(label="Loại", choices=[("a", "A")])
    sure = forms.forms.BooleanField(label="Đã kiểm tra")


GOOD = {"name": "An toàn", "signed_on": "5/3/2026", "quantity": "1.234,5", "kind": "a", "sure": "1"}


@pytest.fixture(autouse=True)
def vietnamese():
    with translation.override("vi"):
        yield


def errors(**changes):
    form = Sample({**GOOD, **changes})
    return {name: list(messages) for name, messages in form.errors.items()}


def test_good_values_are_python_values():
    form = Sample({**GOOD, "value": "3,38 tỷ"})
    assert form.is_valid()
    assert form.cleaned_data["signed_on"] == datetime.date(2026, 3, 5)
    assert form.cleaned_data["quantity"] == Decimal("1234.5")
    assert form.cleaned_data["value"] == 3_380_000_000


def test_decomposed_text_and_control_characters_are_cleaned():
    form = Sample({**GOOD, "name": "A\u0300n\x00  toa\u0300n\u200b\u202e"})
    assert form.is_valid()
    assert form.cleaned_data["name"] == "Àn toàn"


def test_length_counts_cleaned_characters_and_says_how_many():
    assert errors(name="a\u0301" * 10) == {}
    assert errors(name="a" * 11) == {"name": ["Tên chương trình dài tối đa 10 ký tự. Hiện có 11."]}


def test_64_kilobytes_are_refused_and_shown_again():
    text = "đ" * 65_536
    form = Sample({**GOOD, "note": text})
    assert form.errors["note"] == ["Ghi chú dài tối đa 20.000 ký tự. Hiện có 65.536."]
    assert form["note"].value() == text


def test_html_is_kept_as_text_and_escaped_on_the_page():
    form = Sample({**GOOD, "name": "<b>x</b>"})
    assert form.is_valid()
    assert form.cleaned_data["name"] == "<b>x</b>"
    assert "<b>x</b>" not in str(form["name"])


@pytest.mark.parametrize("blank", ["", "   ", "\u200b\u00a0", "\u3164"])
def test_what_looks_empty_is_missing(blank):
    assert errors(name=blank) == {"name": ["Nhập tên chương trình"]}


def test_missing_says_enter_choose_or_tick():
    found = {name: list(messages) for name, messages in Sample({}).errors.items()}
    assert found == {
        "name": ["Nhập tên chương trình"],
        "signed_on": ["Nhập ngày ký"],
        "quantity": ["Nhập số lượng"],
        "kind": ["Chọn loại"],
        "sure": ["Đánh dấu: đã kiểm tra"],
    }


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("3/2026", "Nhập ngày ký theo ngày/tháng/năm, ví dụ 05/03/2026"),
        ("5/3/26", "Nhập năm đủ bốn chữ số, ví dụ 05/03/2026"),
        ("31/02/2026", "Không có ngày 31/02/2026. Kiểm tra ngày, tháng, năm"),
    ],
)
def test_wrong_dates_say_how(typed, message):
    assert errors(signed_on=typed) == {"signed_on": [message]}


@pytest.mark.parametrize("typed", ["05/03/2026", "5-3-2026", "5.3.2026", "2026-03-05"])
def test_dates_are_day_first_however_written(typed):
    form = Sample({**GOOD, "signed_on": typed})
    assert form.is_valid()
    assert form.cleaned_data["signed_on"] == datetime.date(2026, 3, 5)


@pytest.mark.parametrize(
    ("typed", "start"),
    [("nhiều", "Nhập số lượng bằng chữ số"), ("1234.567", "1234.567 có thể hiểu"), ("1,25", "Số lượng: tối đa 1"),
     ("-1", "Số lượng: nhập từ 0"), ("9" * 20, "Số lượng: số quá lớn")],
)  # fmt: skip
def test_wrong_numbers_say_how(typed, start):
    assert errors(quantity=typed)["quantity"][0].startswith(start)


def test_values_are_shown_as_people_here_write_them():
    form = Sample(initial={"signed_on": datetime.date(2026, 3, 5), "quantity": Decimal("1234.5")})
    assert 'value="05/03/2026"' in str(form["signed_on"])
    assert 'value="1.234,5"' in str(form["quantity"])
    assert "required" not in str(form["name"])


def test_english_messages():
    with translation.override("en"):
        assert errors(name="")["name"] == ["Enter tên chương trình"]


def test_model_forms_take_the_same_fields():
    class Units(forms.ModelForm):
        class Meta:
            model = Organisation
            fields = ["name", "started_on"]

    form = Units({"name": "x" * 256, "started_on": "1/1/20"})
    assert form.errors["name"][0].endswith("Hiện có 256.")
    assert form.errors["started_on"] == ["Nhập năm đủ bốn chữ số, ví dụ 05/03/2026"]


def test_another_version_is_stale():
    user = User(version=3)
    forms.check_version(user, "3")
    with pytest.raises(Stale) as caught:
        forms.check_version(user, 2)
    assert caught.value.current is user
    with pytest.raises(Stale):
        forms.check_version(user, None)


class Uploads(forms.Form):
    files = forms.FilesField(label="Tệp")


def judge(*uploads):
    from django.utils.datastructures import MultiValueDict

    form = Uploads({}, MultiValueDict({"files": list(uploads)}))
    form.is_valid()
    return form


def upload(name, data):
    return SimpleUploadedFile(name, data)


def test_files_are_judged_by_content_and_named_in_the_message():
    form = judge(upload("anh.png", PNG), upload("anh.jpg", PNG), upload("rong.pdf", b""))
    assert list(form.errors["files"]) == [
        "anh.jpg: Nội dung tệp không khớp với đuôi tên tệp. Chọn tệp gốc.",
        "rong.pdf: Tệp rỗng (0 byte), không có gì để giữ lại. Chọn lại tệp.",
    ]
    assert [file.name for file in form.fields["files"].accepted] == ["anh.png"]


def test_25_megabytes_say_the_size():
    form = judge(upload("lon.pdf", b"%PDF-" + b"0" * (25 * 1024 * 1024 - 5)))
    assert list(form.errors["files"]) == ["lon.pdf: Tệp này 25 MB. Chọn tệp nhỏ hơn 20 MB."]


def test_archive_that_is_no_document_is_refused():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("x.txt", "x")
    assert "files" in judge(upload("x.docx", data.getvalue())).errors


def test_accepted_upload_is_at_its_beginning_again():
    file = judge(upload("anh.png", PNG)).cleaned_data["files"][0]
    assert file.read() == PNG


def test_no_file_where_one_is_needed():
    assert list(judge().errors["files"]) == ["Chọn tệp"]


@override_settings(LANGUAGE_CODE="vi")
@pytest.mark.parametrize("label,inside", [("Tên", "tên"), ("CT số", "CT số"), ("Đơn vị", "đơn vị"), ("", "")])
def test_label_inside_a_sentence(label, inside):
    assert forms.lower_first(label) == inside
