"""Tests the reader that finds references leading nowhere, which the tests of pages use."""

from .references import dead


def test_what_leads_nowhere_is_found():
    page = """
        <label for="a">A</label><input id="a" aria-describedby="a_help a_error"><p id="a_help"></p>
        <a href="#a">A</a><a href="#b">B</a><a href="/c#d">D</a><label for="e">E</label>
    """
    assert dead(page) == [("a", "href", "b"), ("input", "aria-describedby", "a_error"), ("label", "for", "e")]
