"""Numbers of any characters and length."""

import pytest

from tools import is_id, is_too_long, natural_key

LONG = "1" * 5000


@pytest.mark.parametrize("text", ["1", "9223372036854775807"])
def test_number_of_64_bits_is_id(text):
    assert is_id(text)


@pytest.mark.parametrize(
    "text", ["", "0", "-1", " 1", "1\n", "10²", "①", "٣", "9223372036854775808", LONG]
)
def test_any_other_text_is_no_id(text):
    assert not is_id(text)


def test_numbers_are_sorted_by_their_value_and_texts_after_them():
    numbers = ["", "0", "9", "010", "10-2", "10²", "99", LONG, "P9", "P10", "①"]
    assert sorted(reversed(numbers), key=natural_key) == numbers


def test_number_of_5000_digits_is_too_long():
    assert [is_too_long(text) for text in (LONG, "10²", None)] == [True, False, False]
