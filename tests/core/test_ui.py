"""The components as HTML: geometry, escaping, error summary, keys, pages."""

import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation


def render(source: str, request: Any = None, **context: Any) -> str:
    extra = {"request": request, "csrf_token": "token"} if request is not None else {}
    return Template("{% load ui %}" + source).render(Context(context | extra))


class SampleForm(forms.Form):
    use_required_attribute = False
    name = forms.CharField(label="Tên", error_messages={"required": "Nhập tên chương trình"})
    remark = forms.CharField(label="Ghi chú", required=False, help_text="Ngắn gọn")
    role = forms.ChoiceField(label="Vai trò", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    secret = forms.CharField(label="Mật khẩu", widget=forms.PasswordInput)
    needed = forms.CharField(label="Số", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["needed"].needed = True  # type: ignore[attr-defined]


def form_html(form: forms.Form) -> str:
    from crispy_forms.helper import FormHelper

    helper = FormHelper()
    helper.form_tag = False
    return render_crispy_form(form, helper)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_bar_geometry_has_a_decimal_point_in_every_language(language: str) -> None:
    with translation.override(language):
        html = render("{% progress_bar done=d elapsed=e %}", d=Decimal("37.5"), e=90.25)
    assert 'width="37.5%"' in html
    assert 'x1="90.25%"' in html


def test_behind_draws_the_gap_from_done_to_elapsed() -> None:
    html = render("{% progress_bar done=41 elapsed=63 behind=True %}")
    assert '<rect class="gap" x="41%" y="3" width="22%"' in html
    assert 'class="gap"' not in render("{% progress_bar done=41 elapsed=63 %}")


def test_target_reached_is_green_and_never_longer_than_the_bar() -> None:
    html = render("{% progress_bar done=112 elapsed=90 %}")
    assert '<rect class="p-done" y="3" width="100%"' in html
    assert 'class="p-done"' not in render("{% progress_bar done=99.9 elapsed=90 %}")


def test_no_data_is_not_zero() -> None:
    nothing, zero = render("{% progress_bar done=None elapsed=12 %}"), render("{% progress_bar done=0 elapsed=12 %}")
    assert 'class="nodata"' in nothing and 'class="p"' not in nothing
    assert 'class="nodata"' not in zero and 'width="0%"' in zero


def test_bullet_for_a_falling_target_uses_the_baseline() -> None:
    assert 'class="p-done"' in render("{% bullet_bar value=4.66 target=5 baseline=10.29 %}")
    assert 'class="p"' in render("{% bullet_bar value=7 target=5 baseline=10 %}")
    assert 'width="52.8%"' in render("{% bullet_bar value=7 target=5 baseline=10 %}")  # 3/5 of 88 %


def test_bullet_without_target_or_value_is_no_data() -> None:
    for source in ("value=None target=5", "value=3 target=None", "value=3 target=0"):
        assert 'class="nodata"' in render("{% bullet_bar " + source + " %}")


def test_pending_is_beside_and_never_beyond_the_bar() -> None:
    html = render("{% pending_bar done=80 pending=50 %}")
    assert '<rect class="add" x="80%" y="3" width="20%"' in html


def test_unknown_names_are_errors() -> None:
    for source in (
        "{% icon name='heart' %}",
        "{% status kind='red' label='x' %}",
        "{% note tone='red' %}{% endnote %}",
    ):
        with pytest.raises(ValueError, match="unknown"):
            render(source)


def test_text_is_escaped() -> None:
    evil = "<script>alert(1)</script>"
    for source in (
        "{% status kind='over' label=x %}",
        "{% stat_tile number=1 label=x note=x %}",
        "{% empty_state title=x text=x %}",
        "{% panel title=x %}{{ x }}{% endpanel %}",
        "{% note title=x %}{{ x }}{% endnote %}",
        "{% compare_texts mine=x theirs='' %}",
        "{% compare_texts mine='' theirs=x %}",
    ):
        assert "<script>" not in render(source, x=evil)


def test_stat_tile_formats_numbers_and_links() -> None:
    html = render("{% stat_tile number=n label='Quá hạn' url='/x/' tone='over' %}", n=1234)
    assert 'class="fig fig-over"' in html and ">1.234</b>" in html
    assert '<a class="fig-a" href="/x/"><span class="visually-hidden">1.234 </span><strong>Quá hạn</strong></a>' in html


def test_notes_of_a_tile_have_lists_of_their_own() -> None:
    one = render("{% stat_tile number=1 label='Quá hạn' note='1 mốc' note_url='/m/' url='/x/' %}")
    assert '</a><small><span><a href="/m/">1 mốc</a></span> </small>' in one  # beside the main link, not in it
    several = render("{% stat_tile number=3 label='Quá hạn' notes=n %}", n=[("1 mốc", "/m/"), ("2 báo cáo", "")])
    assert '<a href="/m/">1 mốc</a>,</span> <span class="nw">2 báo cáo</span>' in several
    assert "<small>" not in render("{% stat_tile number=3 label='Quá hạn' %}")


def test_error_summary_links_to_each_control() -> None:
    html = render("{% error_summary form=f %}", f=SampleForm({"remark": "x"}))
    assert '<a href="#id_name">Nhập tên chương trình</a>' in html
    assert 'href="#id_role_0"' in html
    assert 'role="alert"' in html


def test_error_summary_is_silent_when_nothing_is_wrong() -> None:
    assert render("{% error_summary form=f %}", f=SampleForm()).strip() == ""
    good = SampleForm({"name": "a", "role": "a", "secret": "x"})
    assert render("{% error_summary form=f %}", f=good).strip() == ""


def test_error_summary_shows_form_and_formset_messages() -> None:
    Rows = forms.formset_factory(SampleForm, extra=1, min_num=1, validate_min=True)
    data = {"r-TOTAL_FORMS": "1", "r-INITIAL_FORMS": "0", "r-0-remark": "x"}
    rows = Rows(data, prefix="r")
    form = SampleForm({"name": "a", "role": "a", "secret": "x"})
    form.is_valid()
    form.add_error(None, "Ngày kết thúc phải sau ngày bắt đầu")
    html = render("{% error_summary form=f formset=s %}", f=form, s=rows)
    assert "Ngày kết thúc phải sau ngày bắt đầu" in html
    assert 'href="#id_r-0-name"' in html


def test_field_message_stands_before_the_control_and_is_tied_to_it() -> None:
    html = form_html(SampleForm({"remark": "x"}))
    block = html[html.index('id="div_id_name"') : html.index('id="div_id_remark"')]
    assert block.index("Nhập tên chương trình") < block.index("<input")
    assert 'aria-describedby="id_name_error"' in block
    assert 'aria-invalid="true"' in block
    assert 'id="id_name_error"' in block


def test_optional_is_said_in_words_and_required_is_not_starred() -> None:
    html = form_html(SampleForm())
    assert "*" not in html
    assert " required" not in html
    assert html.count('class="opt"') == 1  # remark only: `needed` is asked although not required


def test_help_is_tied_to_its_control() -> None:
    html = form_html(SampleForm())
    assert 'aria-describedby="id_remark_helptext"' in html
    assert 'id="id_remark_helptext"' in html


def test_form_key_is_fresh_for_a_new_form() -> None:
    keys = {re.findall(r'value="([^"]+)"', render("{% form_key form=f %}", f=SampleForm()))[0] for _ in range(2)}
    assert len(keys) == 2
    assert all(uuid.UUID(key) for key in keys)


def test_form_key_stays_with_a_form_shown_again() -> None:
    key = str(uuid.uuid4())
    assert key in render("{% form_key form=f %}", f=SampleForm({"form_key": key}))
    request = RequestFactory().post("/", {"form_key": key})
    assert key in render("{% form_key %}", request=request)


def test_form_key_of_another_shape_is_replaced() -> None:
    html = render("{% form_key form=f %}", f=SampleForm({"form_key": '"><script>'}))
    assert "script" not in html
    assert uuid.UUID(re.findall(r'value="([^"]+)"', html)[0])


def test_confirm_button_posts_with_token_and_key() -> None:
    html = render("{% confirm_button url='/x/' label='Chấp nhận' %}", request=RequestFactory().get("/"))
    assert 'method="post"' in html
    assert "csrfmiddlewaretoken" in html
    assert 'name="form_key"' in html


def test_pagination_keeps_the_filters() -> None:
    request = RequestFactory().get("/?q=đối ngoại&year=2026&page=2")
    html = render("{% pagination page=p %}", request=request, p=Paginator(range(80), 25).get_page(2))
    assert "26–50" in html
    assert "year=2026&amp;page=1" in html
    assert "year=2026&amp;page=3" in html
    assert html.count("page=2") == 0


def test_pagination_of_one_page_has_no_links() -> None:
    html = render("{% pagination page=p %}", request=RequestFactory().get("/"), p=Paginator([1, 2], 25).get_page(1))
    assert "<a" not in html


def test_compare_marks_only_what_differs() -> None:
    html = render("{% compare_texts mine='Kiểm tra 28 bếp ăn' theirs='Kiểm tra 26 bếp ăn' %}")
    assert re.findall(r"<ins>(.*?)</ins>", html) == ["28"]
    assert re.findall(r"<del>(.*?)</del>", html) == ["26"]


def test_compare_of_very_long_texts_is_quick_and_keeps_every_word() -> None:
    text = "\n".join(f"dòng {i} có nội dung" for i in range(4000))
    html = render("{% compare_texts mine=a theirs=b %}", a=text, b=text.replace("dòng 7 ", "hàng 7 "))
    assert "<ins>dòng 7 có nội dung" in html
    assert "dòng 3999" in html


def test_crumbs_end_with_this_page() -> None:
    html = render("{% crumbs items=i %}", i=[("Hôm nay", "/"), ("CT-2023-015", "")])
    assert '<span aria-current="page">CT-2023-015</span>' in html


def test_tabs_mark_the_current_one_and_show_a_zero_count() -> None:
    items = [{"url": "?a", "label": "A", "count": 0, "current": True}, {"url": "?b", "label": "B", "count": None}]
    html = render("{% tabs items=i label='x' %}", i=items)
    assert html.count("aria-current") == 1
    assert "<span>0</span>" in html
    assert "None" not in html


def test_field_list_shows_a_dash_for_nothing_and_zero_as_zero() -> None:
    html = render("{% field_list items=i %}", i=[("Số", None), ("Số lần", 0)])
    assert ">–</dd>" in html
    assert ">0</dd>" in html
