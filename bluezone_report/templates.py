"""Loads our templates without the indents of their lines, which nobody needs in the page that is sent."""

import re

from django.template.loaders.filesystem import Loader as FileLoader

INDENTS = re.compile(r"^ +", re.MULTILINE)


class Loader(FileLoader):
    def get_contents(self, origin):
        return INDENTS.sub("", super().get_contents(origin))
