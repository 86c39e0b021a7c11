"""The pages in Chromium. What `inspect` finds is written out when it fails."""

import pytest

pytest.register_assert_rewrite("tests.browser.inspection")
