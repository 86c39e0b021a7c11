"""References within a page, by label, description or link, must lead to an element of the page."""

from html.parser import HTMLParser

OF_IDS = ("for", "aria-describedby", "aria-labelledby", "aria-controls", "aria-details", "list", "form")


class _References(HTMLParser):
    def __init__(self):
        super().__init__()
        self.ids, self.referred = set(), set()

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id":
                self.ids.add(value)
            elif name in OF_IDS:
                self.referred |= {(tag, name, one) for one in (value or "").split()}
            elif tag == "a" and name == "href" and (value or "").startswith("#"):
                self.referred.add((tag, name, value[1:]))


def dead(page: str) -> list[tuple[str, str, str]]:
    """Tag, attribute and id of each reference that leads nowhere."""
    found = _References()
    found.feed(page)
    return sorted(one for one in found.referred if one[2] not in found.ids)
