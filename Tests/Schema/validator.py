"""As much of JSON Schema 2020-12 as docs/schema uses; any other keyword is a mistake."""

import json
import pathlib
import re

ANNOTATIONS = {"$schema", "$defs", "title"}
TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
}


class Schemas:
    def __init__(self, folder):
        self.documents = {path.name: json.loads(path.read_text()) for path in pathlib.Path(folder).glob("*.json")}
        # Members that an answer had, and its schema does not name.
        self.unnamed = set()

    def faults(self, name, value):
        """What is wrong with the value: a list of places and reasons."""
        return self._faults(self.documents[name], value, "$", name)

    def _faults(self, schema, value, place, document):
        faults = []
        for keyword, wanted in schema.items():
            if keyword not in ANNOTATIONS:
                faults += getattr(self, "_" + keyword.strip("$"))(wanted, value, place, document)
        return faults

    def _ref(self, wanted, value, place, document):
        name, _, pointer = wanted.partition("#/")
        schema = self.documents[name or document]
        for part in pointer.split("/"):
            schema = schema[part]
        return self._faults(schema, value, place, name or document)

    def _type(self, wanted, value, place, _):
        names = [wanted] if isinstance(wanted, str) else wanted
        is_one = any(TYPES[name](value) for name in names)
        return [] if is_one else [f"{place}: {short(value)} is no {' or '.join(names)}"]

    def _required(self, wanted, value, place, _):
        return [f"{place}: no {name}" for name in wanted if isinstance(value, dict) and name not in value]

    def _properties(self, wanted, value, place, document):
        if not isinstance(value, dict):
            return []
        self.unnamed |= {f"{document}: {re.sub('[0-9]+', '', place)}.{name}" for name in value.keys() - wanted.keys()}
        return [fault for name, schema in wanted.items() if name in value
                for fault in self._faults(schema, value[name], f"{place}.{name}", document)]

    def _additionalProperties(self, wanted, value, place, document):
        if not isinstance(value, dict):
            return []
        return [fault for name in value for fault in self._faults(wanted, value[name], f"{place}.{name}", document)]

    def _items(self, wanted, value, place, document):
        if not isinstance(value, list):
            return []
        return [fault for number, item in enumerate(value)
                for fault in self._faults(wanted, item, f"{place}[{number}]", document)]

    def _anyOf(self, wanted, value, place, document):
        found, unnamed = [], self.unnamed
        for schema in wanted:
            self.unnamed = set()
            found.append(self._faults(schema, value, place, document))
            # What another kind of value does not name says nothing.
            unnamed = unnamed if found[-1] else unnamed | self.unnamed
        self.unnamed = unnamed
        return [] if not all(found) else [f"{place}: none of: " + "; ".join(faults[0] for faults in found)]

    def _enum(self, wanted, value, place, _):
        return [] if value in wanted else [f"{place}: {short(value)} is none of {wanted}"]

    def _const(self, wanted, value, place, _):
        return [] if value == wanted else [f"{place}: {short(value)} is not {wanted}"]

    def _minimum(self, wanted, value, place, _):
        is_less = TYPES["number"](value) and value < wanted
        return [f"{place}: {value} is less than {wanted}"] if is_less else []

    def _pattern(self, wanted, value, place, _):
        fits = not isinstance(value, str) or re.search(wanted, value)
        return [] if fits else [f"{place}: {short(value)} does not match {wanted}"]


def short(value):
    return json.dumps(value)[:80]
