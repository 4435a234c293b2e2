"""A REST API that a scenario builds by the SDK, and calls by every address that it has."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from harness.functions import Functions
from harness.http import Client, HeaderPairs, Response

ACCOUNT = "000000000000"
REGION = "us-east-1"


def invocation_uri(function_arn: str) -> str:
    """The integration URI that invokes a function."""
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function_arn}/invocations"


@dataclass
class RestApi:
    """One API of one gateway."""

    apigateway: Any
    client: Client
    id: str
    _resources: dict[str, str] = field(default_factory=dict)

    @classmethod
    def create(cls, apigateway: Any, client: Client, **members: Any) -> Self:
        """Creates an API of a unique name."""
        created = apigateway.create_rest_api(name=f"api-{uuid.uuid4().hex[:12]}", **members)
        api = cls(apigateway, client, created["id"])
        api._resources["/"] = created["rootResourceId"]
        return api

    @property
    def execution_arn(self) -> str:
        """What the permission of a function names: every stage, method and resource of this API."""
        return f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{self.id}/*"

    def resource(self, path: str) -> str:
        """The id of the resource of that path; it and its parents are created when missing."""
        if path not in self._resources:
            parent, _, part = path.rpartition("/")
            created = self.apigateway.create_resource(
                restApiId=self.id, parentId=self.resource(parent or "/"), pathPart=part
            )
            self._resources[path] = created["id"]
        return self._resources[path]

    def address(self, path: str, method: str) -> dict[str, str]:
        """The members by which every call on a method names it."""
        return {"restApiId": self.id, "resourceId": self.resource(path), "httpMethod": method}

    def method(self, path: str, method: str, **members: Any) -> dict[str, str]:
        """Puts a method, open unless `members` say otherwise, and answers its address."""
        address = self.address(path, method)
        self.apigateway.put_method(**address, **({"authorizationType": "NONE"} | members))
        return address

    def lambda_proxy(self, path: str, method: str, function_arn: str, **members: Any) -> dict[str, str]:
        """A method with a Lambda proxy integration."""
        address = self.method(path, method, **members)
        uri = invocation_uri(function_arn)
        self.apigateway.put_integration(**address, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
        return address

    def lambda_custom(self, path: str, method: str, function_arn: str, **integration: Any) -> dict[str, str]:
        """A method with a Lambda custom integration that answers 200 with the function's result."""
        address = self.method(path, method)
        uri = invocation_uri(function_arn)
        self.apigateway.put_integration(**address, type="AWS", integrationHttpMethod="POST", uri=uri, **integration)
        self.answers(address, "200")
        return address

    def mock(self, path: str, method: str, body: str, **members: Any) -> dict[str, str]:
        """A method whose mock integration answers 200 with `body`, a mapping template."""
        address = self.method(path, method, **members)
        templates = {"application/json": '{"statusCode": 200}'}
        self.apigateway.put_integration(**address, type="MOCK", requestTemplates=templates)
        self.answers(address, "200", responseTemplates={"application/json": body})
        return address

    def answers(self, address: Mapping[str, str], status: str, **integration_response: Any) -> None:
        """A method response and the integration response that leads to it."""
        self.apigateway.put_method_response(**address, statusCode=status)
        self.apigateway.put_integration_response(**address, statusCode=status, **integration_response)

    def deploy(self, stage: str = "test", **members: Any) -> str:
        """Deploys what is there now to a stage and answers the deployment's id."""
        deployment: str = self.apigateway.create_deployment(restApiId=self.id, stageName=stage, **members)["id"]
        return deployment

    def call(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | HeaderPairs = (),
        body: bytes | str = b"",
        stage: str = "test",
    ) -> Response:
        """Calls the deployed API by its host name."""
        pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
        host = ("Host", f"{self.id}.execute-api.localhost:{self.client.port}")
        return self.client.send(method, f"/{stage}{path}", [host, *pairs], body)

    def get(self, path: str, headers: Mapping[str, str] | HeaderPairs = (), stage: str = "test") -> Response:
        """`GET` by the host name."""
        return self.call("GET", path, headers, stage=stage)


@dataclass(frozen=True)
class RestApis:
    """Creates APIs and lets them call functions."""

    apigateway: Any
    functions: Functions
    client: Client

    def create(self, **members: Any) -> RestApi:
        """An empty API."""
        return RestApi.create(self.apigateway, self.client, **members)

    def adopt(self, rest_api_id: str) -> RestApi:
        """An API that another call created, such as an import."""
        return RestApi(self.apigateway, self.client, rest_api_id)

    def proxy(self, function_arn: str, path: str = "/{proxy+}", method: str = "ANY", **members: Any) -> RestApi:
        """A deployed API of one Lambda proxy method that may call its function."""
        api = self.create(**members)
        api.lambda_proxy(path, method, function_arn)
        self.functions.allow_api_gateway(function_arn, api.execution_arn)
        api.deploy()
        return api
