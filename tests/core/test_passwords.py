"""core.passwords: length, and nothing anybody here would try first."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation

from core import passwords
from core.models import User

GUESSES = [
    "matkhau12345", "mattran2026mattran", "MatTranToQuoc2026", "Abc@12345678", "qwertyuiop123", "thainguyen2025!",
    "NguyenVanMinh1990", "soyte@thainguyen", "vietnam123456", "123456789012", "aaaaaaaaaaaa", "anhyeuem1234",
    "Phối Hợp 2026", "đoàn kết 2026", "P@ssword2026", "admin123admin123", "asdfghjkl1990", "minh.tv123456",
]  # fmt: skip
GOOD = ["chuồn chuồn bay thấp thì mưa", "bon con meo xam ngu", "kX9!fq2Lw7#zPdR", "tau hoa chay qua cau go"]


@pytest.fixture
def minh():
    return User(username="minh.tv", full_name="Trần Văn Minh")


@pytest.mark.parametrize("guess", GUESSES)
def test_local_guesses_are_refused(guess, minh):
    with pytest.raises(ValidationError):
        validate_password(guess, minh)


@pytest.mark.parametrize("password", GOOD)
def test_honest_passwords_pass(password, minh):
    validate_password(password, minh)


def test_length_names_both_numbers(minh):
    with translation.override("vi"), pytest.raises(ValidationError) as caught:
        validate_password("xvbqpz", minh)
    assert any("ít nhất 12 ký tự" in message and "Hiện có 6" in message for message in caught.value.messages)


def test_administrators_need_fifteen(minh):
    password = "bon con meo x"
    validate_password(password, minh)
    minh.needs_long_password = True
    with pytest.raises(ValidationError):
        validate_password(password, minh)


def test_long_passwords_are_allowed_up_to_a_bound(minh):
    sentence = "con cò bay lả bay la " * 20
    validate_password(sentence[:128], minh)
    with pytest.raises(ValidationError):
        validate_password(sentence[:257], minh)


def test_one_time_passwords_differ_and_have_no_doubtful_letters():
    made = {passwords.one_time() for _i in range(200)}
    assert len(made) == 200
    assert not set("".join(made)) & set("0O1lI")
    assert all(len(one) == 14 for one in made)
