"""Raw answers against the service model that the SDK reads them by.

The SDK overlooks what its model does not know and takes more than one form of a date: what it makes of an answer shows neither.
"""

import json
from typing import Any

NUMBERS = ("integer", "long", "float", "double", "timestamp")
TYPES: dict[str, type | tuple[type, ...]] = {"string": str, "boolean": bool, "structure": dict, "map": dict, "list": list}


def departures(shape: Any, value: Any, place: str) -> list[str]:
    """What of a JSON value is not as its shape says; a null is in no shape but that of a map's value."""
    kind = shape.type_name
    fits = isinstance(value, TYPES.get(kind, (int, float))) and not (kind in NUMBERS and isinstance(value, bool))
    if not fits:
        return [f"{place} is no {kind}: {value!r}"]
    if kind == "list":
        return [found for item in value for found in departures(shape.member, item, f"{place}[]")]
    if kind == "map":
        members = {name: item for name, item in value.items() if item is not None}
        return [found for name, item in members.items() for found in departures(shape.value, item, f"{place}.{name}")]
    if kind == "structure":
        return _of_structure(shape, value, place)
    choices = getattr(shape, "enum", [])
    return [f"{place} is none of {choices}: {value!r}"] if choices and value not in choices else []


def _of_structure(shape: Any, value: dict[str, Any], place: str) -> list[str]:
    by_wire_name = {member.serialization.get("name", name): member for name, member in shape.members.items()}
    required = {shape.members[name].serialization.get("name", name) for name in shape.required_members}
    found = [f"{place} has no {name}" for name in sorted(required - value.keys())]
    for name, item in value.items():
        if name in by_wire_name:
            found += departures(by_wire_name[name], item, f"{place}.{name}")
        else:
            found.append(f"{place}.{name} is unknown: {item!r}")
    return found


def check(operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
    """A handler of the SDK's event `before-parse`: refuses a successful answer that departs from the model."""
    status, body, shape = response_dict["status_code"], response_dict["body"], operation_model.output_shape
    if status >= 300 or (shape is not None and shape.serialization.get("payload")):
        return
    place = operation_model.name
    assert status == operation_model.http.get("responseCode", 200), f"{place} answers {status}"
    if shape is None or not shape.members:
        assert not body, f"{place} answers {body!r}"
        return
    found = departures(shape, json.loads(body), place)
    assert not found, "; ".join(found)
