"""What no browser shows: every template compiles, a mistyped argument cannot, colours live in one place."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import get_template

from core.templatetags import ui

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
CSS = (ROOT / "static/css/site.css").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_compiles(path: Path) -> None:
    get_template(str(path.relative_to(ROOT / "templates")))


@pytest.mark.parametrize(
    "source",
    [
        '{% status kind="over" %}',
        '{% status kind="over" label="Quá hạn" colour="red" %}',
        '{% status "over" label="Quá hạn" %}',
        "{% progress_bar done=1 %}",
        "{% bullet_bar value=1 %}",
        "{% pending_bar done=1 %}",
        "{% stat_tile number=1 %}",
        "{% icon %}",
        "{% empty_state text='x' %}",
        "{% pagination %}",
        "{% confirm_button url='/' %}",
        "{% tabs items=x %}",
        "{% crumbs %}",
        "{% chips %}",
        "{% field_list %}",
        "{% compare_texts mine='a' %}",
        "{% panel heading='x' %}{% endpanel %}",
        "{% note colour='red' %}{% endnote %}",
        "{% form_key key='x' %}",
        "{% error_summary forms=f %}",
    ],
)
def test_wrong_argument_fails_when_the_template_compiles(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        Template("{% load ui %}" + source)


def test_each_component_has_one_file_and_each_file_one_tag() -> None:
    files = {path.stem for path in (ROOT / "templates/components").glob("*.html")}
    assert files == set(ui.register.tags)


def test_icons_are_the_symbols_of_the_sprite() -> None:
    sprite = (ROOT / "templates/_sprite.html").read_text(encoding="utf-8")
    assert set(re.findall(r'<symbol id="i-([a-z]+)"', sprite)) == ui.ICONS


def test_every_status_draws_an_icon_and_has_its_colours() -> None:
    for kind, (tone, icon) in ui.STATUSES.items():
        assert icon in ui.ICONS, kind
        assert f".st-{tone} " in CSS, kind


def test_the_two_dark_blocks_are_equal() -> None:
    blocks = [
        re.search(rf'\[data-bs-theme="{name}"\] \{{\n\s+color-scheme: dark;(.*?)\n  \}}', CSS, re.S)
        for name in ("dark", "system")
    ]
    assert blocks[0] and blocks[1]
    assert blocks[0][1] == blocks[1][1]


def test_every_token_of_light_has_a_dark_value() -> None:
    light, dark = (
        set(re.findall(r"(--ph-[a-z0-9-]+):", block))
        for block in re.findall(r"color-scheme: (?:light|dark);(.*?)\n *\}", CSS, re.S)[:2]
    )
    assert light == dark


def test_no_colour_is_written_below_the_themes() -> None:
    below = CSS[CSS.index("/* 2. Bootstrap") :]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?![\w-])|rgba?\(|hsla?\(", below.replace("url(#h-add)", "")) == []


def test_every_used_token_is_defined() -> None:
    assert set(re.findall(r"var\((--ph-[a-z0-9-]+)", CSS)) <= set(re.findall(r"(--ph-[a-z0-9-]+):", CSS))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_inline_style_or_script(path: Path) -> None:
    """The Content-Security-Policy would drop it without a word."""
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", source)


def test_loop_can_use_a_component_twice() -> None:
    html = Template("{% load ui %}{% for k in kinds %}{% status kind=k label=k %}{% endfor %}").render(
        Context({"kinds": ["over", "done"]})
    )
    assert html.count("st-over") == 1
    assert html.count("st-done") == 1


def test_gallery_exists_only_where_debug_is_on(cast, sign_in, settings) -> None:
    client = sign_in(cast.lan)
    assert client.get("/thanh-phan/").status_code == 404
    settings.DEBUG = True
    assert client.get("/thanh-phan/").status_code == 200


def test_gallery_shows_every_component_and_every_status(cast, sign_in, settings) -> None:
    settings.DEBUG = True
    source = (ROOT / "templates/core/gallery.html").read_text(encoding="utf-8")
    drawn = set(re.findall(r"\{% *([a-z_]+)", source))
    assert set(ui.register.tags) - drawn == {"form_key"}  # that one is hidden fields
    page = sign_in(cast.lan).get("/thanh-phan/").content.decode()
    tones = {tone for tone, _icon in ui.STATUSES.values()}
    assert [tone for tone in sorted(tones) if f"st-{tone}" not in page] == []
    assert [icon for icon in sorted(ui.ICONS) if f"#i-{icon}" not in page] == []
