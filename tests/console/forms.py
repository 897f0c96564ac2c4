"""A form of a page as a browser would send it back untouched."""

from html.parser import HTMLParser


class _Forms(HTMLParser):
    def __init__(self, action: str) -> None:
        super().__init__()
        self._action = action
        self._inside = self._template = False
        self._select = ""
        self.fields: dict[str, str | list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = told.get("action", "") == self._action
        elif tag == "template":
            self._template = True
        elif not self._inside or self._template:
            return
        elif tag == "input" and told.get("name"):
            self._input(told)
        elif tag == "select":
            self._select = told["name"]
        elif tag == "option" and self._select and ("selected" in told or self._select not in self.fields):
            self.fields[self._select] = told.get("value", "\0")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "template":
            self._template = False
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        for name, value in self.fields.items():
            if value == "\0":
                self.fields[name] = data

    def _input(self, told: dict[str, str]) -> None:
        if told.get("type") != "checkbox":
            self.fields[told["name"]] = told.get("value", "")
        elif "checked" in told:
            already = self.fields.setdefault(told["name"], [])
            assert isinstance(already, list)
            already.append(told["value"])


def form(page: str, action: str) -> dict[str, str | list[str]]:
    """The fields of the last form with that action, as they stand on the page."""
    reader = _Forms(action)
    reader.feed(page)
    return reader.fields
