"""The list of text fields is complete, and the test data really fill each of them."""

import pytest

from ..payloads import IMAGE, NOT_TYPED, PAYLOADS, TYPED, fill, held, stored_texts, text_of


def test_every_text_that_is_stored_is_in_the_list():
    assert stored_texts() == {*TYPED, *NOT_TYPED}
    assert not set(TYPED) & set(NOT_TYPED)


@pytest.mark.parametrize("payload", [value for name, value in PAYLOADS.items() if name != "NUL"])
def test_every_field_of_the_list_is_filled(payload, cast):
    fill(cast, payload)
    assert [name for name in TYPED if not any(text_of(name, payload) in text for text in held(name))] == []


def test_shortest_field_holds_a_whole_payload():
    assert [name for name in TYPED if IMAGE not in text_of(name, IMAGE)] == []
