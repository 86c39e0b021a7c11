from django.utils import html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from reporting.text import markup

VALUES = ["plain", "<b>&\"'</b>", SafeString("<b>&amp;</b>"), 88, None, gettext_lazy("Report"), 1.5]


def test_values_are_escaped_as_django_escapes_them():
    for value in VALUES:
        assert type(markup.format_html("{}", value)) is SafeString
        assert markup.escaped(value) == html.conditional_escape(value)
        assert markup.format_html("<i>{}{more}</i>", value, more=value) == html.format_html(
            "<i>{}{more}</i>", value, more=value
        )
    assert markup.join(VALUES) == html.format_html_join("", "{}", ((value,) for value in VALUES))
