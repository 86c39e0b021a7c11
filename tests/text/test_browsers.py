"""A person recognises his own phone by it; it contains nothing that a stranger sends."""

import pytest

from reporting.text.browsers import browser


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Chrome/84.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Linux; Android 9) SamsungBrowser/12.0 Chrome/79.0 Mobile", "Samsung Internet, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 13_6 like Mac OS X) Version/13.1 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/84.0 Safari/537.36 Edg/84.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:79.0) Gecko/20100101 Firefox/79.0", "Firefox, Linux"),
        ("<script>", ""),
        ("", ""),
    ],
)
def test_browser(agent, words):
    assert browser(agent) == words
