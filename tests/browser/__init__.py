"""The pages in Chromium. If `inspect` finds something, its findings are printed in full."""

import pytest

pytest.register_assert_rewrite("tests.browser.inspection")
