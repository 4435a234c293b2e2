"""Greets by a Lambda proxy integration: the Python twin of the Node.js function beside it."""

import base64
import json
from typing import Any

Event = dict[str, Any]


def handler(event: Event, context: object) -> Event:
    """Answers a greeting for everyone whom the query string, the `greeter` headers or the JSON body name."""
    greeters = greeters_of(event)
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "text/plain"},
        "multiValueHeaders": {"X-Greeter": greeters},
        "body": f"Hello, {' and '.join(greeters) or 'World'}!",
    }


def greeters_of(event: Event) -> list[str]:
    """The names of the first source that names anybody: query string, header, body."""
    sources = (
        (event["multiValueQueryStringParameters"] or {}).get("greeter", []),
        (event["multiValueHeaders"] or {}).get("greeter", []),
        [json_of(event).get("greeter", "")],
    )
    return next((names for names in map(non_empty, sources) if names), [])


def non_empty(names: list[str]) -> list[str]:
    """The names without the empty ones."""
    return [name for name in names if name]


def json_of(event: Event) -> Event:
    """The body as a JSON object; a body that is none names nobody."""
    body = event["body"] or ""
    try:
        document = json.loads(base64.b64decode(body) if event["isBase64Encoded"] else body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
