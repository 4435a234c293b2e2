"""Functions that scenarios deploy, and the journal by which they prove that they ran or did not."""

import json
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.deadline import eventually
from harness.package import example, source, zip_of

ROLE = "arn:aws:iam::000000000000:role/lambda-execution"
NODE = "nodejs20.x"
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True)
class Journal:
    """A file to which functions append a line of JSON for each call."""

    path: Path

    def entries(self) -> list[Any]:
        """All lines that are there now."""
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text().splitlines()]


@dataclass(frozen=True)
class Functions:
    """Creates functions of unique names by the SDK."""

    lambda_client: Any

    def create(
        self,
        files: Mapping[str, str | bytes],
        runtime: str = NODE,
        handler: str = "index.handler",
        environment: Mapping[str, str] | None = None,
        timeout_s: int = 10,
    ) -> str:
        """Creates a function and answers its ARN once it is active."""
        name = f"f-{uuid.uuid4().hex[:12]}"
        created = self.lambda_client.create_function(
            FunctionName=name,
            Runtime=runtime,
            Role=ROLE,
            Handler=handler,
            Code={"ZipFile": zip_of(files)},
            Environment={"Variables": dict(environment or {})},
            Timeout=timeout_s,
        )
        eventually(lambda: self._is_active(name), f"function {name} becomes active")
        arn: str = created["FunctionArn"]
        return arn

    def _is_active(self, name: str) -> bool:
        configuration = self.lambda_client.get_function(FunctionName=name)["Configuration"]
        return bool(configuration["State"] == "Active")

    def node(self, code: str, journal: Journal | None = None, timeout_s: int = 10) -> str:
        """A Node.js function of one ES module."""
        return self.create({"index.mjs": code}, environment=_variables(journal), timeout_s=timeout_s)

    def python(self, code: str, journal: Journal | None = None, timeout_s: int = 10) -> str:
        """A Python function of one module `app` with a `handler`."""
        return self.create({"app.py": code}, PYTHON, "app.handler", _variables(journal), timeout_s)

    def recorder(self, journal: Journal) -> str:
        """Writes each event to the journal and returns what the event's `answer` says, else a proxy answer."""
        return self.node(source("recorder.mjs"), journal)

    def proxy_echo(self) -> str:
        """Returns the proxy event as a proxy answer's JSON body."""
        return self.node(source("proxy-echo.mjs"))

    def calc(self, journal: Journal | None = None) -> str:
        """The calculator of `examples/calc`, with a journal in front."""
        files = {"calc.mjs": example("calc/functions/Calc/index.mjs"), "index.mjs": source("calc-with-journal.mjs")}
        return self.create(files, environment=_variables(journal))

    def allow_api_gateway(self, function_arn: str, source_arn: str) -> None:
        """Lets the gateway call a function for an `execute-api` ARN, which may hold wildcards."""
        self.lambda_client.add_permission(
            FunctionName=function_arn,
            StatementId=f"s-{uuid.uuid4().hex[:12]}",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=source_arn,
        )


def _variables(journal: Journal | None) -> dict[str, str]:
    return {"JOURNAL": str(journal.path)} if journal else {}
