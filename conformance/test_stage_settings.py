"""Developer Guide, "Setting up a stage for a REST API": throttling, the response cache, canaries, stage variables, and what acts when."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from harness.functions import Functions
from harness.gateway import Gateway
from harness.rest_api import RestApi, RestApis
from harness.roles import PERMISSION, TRUST
from harness.sdk import refusal, sdk

THROTTLED = b'{"message":"Too Many Requests"}'
WARNING = "199 Cache-control headers were ignored because the caller was unauthorized."
FRESH = {"Cache-Control": "max-age=0"}
# Slow enough that no test lives to see a token come back.
HARDLY_EVER = "0.001"


def update(api: RestApi, *operations: tuple[str, ...], stage: str = "test") -> Any:
    """`UpdateStage` by operations `(op, path, value or from)`."""
    patches = []
    for op, path, *rest in operations:
        member = {"from": rest[0]} if op == "copy" else {"value": rest[0]} if rest else {}
        patches.append({"op": op, "path": path, **member})
    return api.apigateway.update_stage(restApiId=api.id, stageName=stage, patchOperations=patches)


def settings(key: str, **values: str) -> list[tuple[str, str, str]]:
    """Replacements below one method's key, with `_` for the slash in a setting's name."""
    return [("replace", f"/{key}/{name.replace('_', '/')}", value) for name, value in values.items()]


def throttle(key: str, burst: int, rate: str = HARDLY_EVER) -> list[tuple[str, str, str]]:
    """The two halves of a throttle."""
    return settings(key, throttling_rateLimit=rate, throttling_burstLimit=str(burst))


def statuses(api: RestApi, path: str, requests: int, method: str = "GET") -> list[int]:
    """The statuses of so many requests, one after the other."""
    return [api.call(method, path).status for _ in range(requests)]


@pytest.fixture
def pets(rest_apis: RestApis) -> RestApi:
    """Mocks whose bodies are the request's id, so that a body seen twice was made once."""
    api = rest_apis.create()
    for path, method in [("/", "GET"), ("/pets", "GET"), ("/pets", "POST"), ("/pets/{id}", "GET"), ("/any", "ANY")]:
        api.mock(path, method, "$context.requestId")
    api.deploy()
    return api


@pytest.fixture
def cached(pets: RestApi) -> RestApi:
    """The same, behind a cache."""
    update(pets, ("replace", "/cacheClusterEnabled", "true"), *settings("*/*", caching_enabled="true"))
    return pets


class TestThrottling:
    """Throttle requests to your REST APIs for better throughput in API Gateway"""

    def test_a_burst_passes_and_the_rest_is_refused(self, pets: RestApi) -> None:
        """Token bucket"""
        update(pets, *throttle("~1pets/GET", burst=3))

        assert statuses(pets, "/pets", 5) == [200, 200, 200, 429, 429]

        refused = pets.get("/pets")
        assert refused.body == THROTTLED
        assert refused.header("x-amzn-ErrorType") == "TooManyRequestsException"
        assert refused.header("Retry-After") is None

    def test_threads_of_clients_share_a_burst(self, pets: RestApi) -> None:
        """Every serving thread draws from the same bucket"""
        update(pets, *throttle("~1pets/GET", burst=20))
        answers: list[int] = []
        threads = [threading.Thread(target=lambda: answers.extend(statuses(pets, "/pets", 10))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert (answers.count(200), answers.count(429)) == (20, 40)

    def test_a_method_s_own_limit_beats_that_of_all(self, pets: RestApi) -> None:
        """Method-level limits"""
        update(pets, *throttle("*/*", burst=2), *throttle("~1pets~1{id}/GET", burst=4))

        assert statuses(pets, "/pets/1", 5) == [200] * 4 + [429]
        assert statuses(pets, "/pets", 3) == [200, 200, 429]
        assert statuses(pets, "/pets", 3, "POST") == [200, 200, 429]
        assert statuses(pets, "", 3) == [200, 200, 429]

    @pytest.mark.parametrize(("rate", "burst"), [("0", 5), ("5", 0)])
    def test_a_limit_of_nothing_refuses_all(self, pets: RestApi, rate: str, burst: int) -> None:
        """Rate or burst of 0"""
        update(pets, *throttle("*/*", burst, rate))

        assert statuses(pets, "/pets", 2) == [429, 429]

    def test_neither_a_deployment_nor_another_setting_refills_a_bucket(self, pets: RestApi) -> None:
        """A spent limit stays spent"""
        update(pets, *throttle("*/*", burst=2))
        assert statuses(pets, "/pets", 3) == [200, 200, 429]

        pets.deploy()
        update(pets, ("replace", "/variables/a", "b"))
        assert statuses(pets, "/pets", 1) == [429]

        update(pets, *throttle("*/*", burst=1))
        assert statuses(pets, "/pets", 2) == [200, 429]

    def test_a_throttle_s_answer_can_be_customised(self, pets: RestApi) -> None:
        """Gateway response types: THROTTLED"""
        pets.apigateway.put_gateway_response(
            restApiId=pets.id,
            responseType="THROTTLED",
            statusCode="503",
            responseParameters={"gatewayresponse.header.Retry-After": "'1'"},
        )
        pets.deploy()
        update(pets, *throttle("*/*", burst=0))

        refused = pets.get("/pets")
        assert (refused.status, refused.header("Retry-After"), refused.body) == (503, "1", THROTTLED)

    def test_all_apis_of_the_account_share_its_limit(self, binary: Path, tmp_path: Path) -> None:
        """Account-level throttling per Region"""
        command = [str(binary), "serve", "--listen", "127.0.0.1:0", "--data-dir", str(tmp_path / "data")]
        with Gateway([*command, "--account-throttle", f"{HARDLY_EVER}:3"], tmp_path / "stderr.log") as gateway:
            apigateway = sdk(gateway.url, "apigateway")
            limits = {"burstLimit": 3, "rateLimit": float(HARDLY_EVER)}
            assert apigateway.get_account()["throttleSettings"] == limits
            apis = [RestApi.create(apigateway, gateway.client) for _ in range(2)]
            for api in apis:
                api.mock("/", "GET", "")
                api.deploy()

            assert [apis[turn % 2].get("/").status for turn in range(4)] == [200, 200, 200, 429]


class TestCache:
    """Cache settings for REST APIs in API Gateway"""

    def test_a_response_is_made_once(self, cached: RestApi) -> None:
        """Caching"""
        first, second = cached.get("/pets?a=1"), cached.get("/pets?a=2")

        assert first.body == second.body
        assert first.header("x-amzn-RequestId") != second.header("x-amzn-RequestId")
        assert first.header("Content-Type") == second.header("Content-Type")
        assert second.header("Warning") is None

    def test_only_get_is_cached_unless_a_method_says_so(self, cached: RestApi) -> None:
        """Override API Gateway stage-level caching for method-level caching"""

        def is_cached(path: str, method: str) -> bool:
            return cached.call(method, path).body == cached.call(method, path).body

        assert [is_cached("/pets", "POST"), is_cached("/any", "GET"), is_cached("/any", "PUT")] == [False, True, False]

        update(cached, *settings("~1pets/POST", caching_enabled="true"))
        update(cached, *settings("~1pets/GET", caching_enabled="false"))
        update(cached, *settings("~1pets~1{id}/GET", caching_ttlInSeconds="0"))
        assert [is_cached("/pets", "POST"), is_cached("/pets", "GET"), is_cached("/pets/1", "GET")] == [True, False, False]

    def test_a_stage_without_a_cluster_caches_nothing(self, pets: RestApi) -> None:
        """Both the stage's cluster and the method's setting"""
        stage = update(pets, *settings("*/*", caching_enabled="true"))
        assert stage["cacheClusterStatus"] == "NOT_AVAILABLE"
        assert pets.get("/pets").body != pets.get("/pets").body

        stage = update(pets, ("replace", "/cacheClusterEnabled", "true"))
        assert (stage["cacheClusterStatus"], stage["cacheClusterSize"]) == ("AVAILABLE", "0.5")
        assert pets.get("/pets").body == pets.get("/pets").body

        update(pets, ("replace", "/cacheClusterEnabled", "false"))
        assert pets.get("/pets").body != pets.get("/pets").body

    def test_named_parameters_are_the_key(self, rest_apis: RestApis) -> None:
        """Use method or integration parameters as cache keys to index cached responses"""
        api = rest_apis.create()
        declared = {f"method.request.{name}": False for name in ("path.id", "querystring.type", "header.X-Tenant")}
        address = api.method("/users/{id}", "GET", requestParameters=declared)
        api.apigateway.put_integration(
            **address,
            type="MOCK",
            requestTemplates={"application/json": '{"statusCode": 200}'},
            cacheKeyParameters=list(declared),
        )
        api.answers(address, "200", responseTemplates={"application/json": "$context.requestId"})
        api.deploy()
        update(api, ("replace", "/cacheClusterEnabled", "true"), *settings("*/*", caching_enabled="true"))

        def body(target: str, tenant: str = "a") -> bytes:
            return api.get(target, {"X-Tenant": tenant}).body

        first = body("/users/1?type=admin&department=A")
        assert body("/users/1?department=B&type=admin") == first
        others = [body("/users/2?type=admin"), body("/users/1?type=regular"), body("/users/1"), body("/users/1?type=admin", "b")]
        assert len({first, *others}) == 5

    def test_methods_of_one_namespace_share_their_entries(self, rest_apis: RestApis) -> None:
        """Integration: cacheNamespace"""
        api = rest_apis.create()
        for path, namespace in [("/a", "shared"), ("/b", "shared"), ("/c", "other")]:
            address = api.method(path, "GET")
            templates = {"application/json": '{"statusCode": 200}'}
            api.apigateway.put_integration(
                **address, type="MOCK", requestTemplates=templates, cacheNamespace=namespace
            )
            api.answers(address, "200", responseTemplates={"application/json": "$context.requestId"})
        api.deploy()
        update(api, ("replace", "/cacheClusterEnabled", "true"), *settings("*/*", caching_enabled="true"))

        a, b, c = (api.get(path).body for path in ("/a", "/b", "/c"))
        assert a == b
        assert a != c

    def test_a_client_has_an_entry_made_anew(self, cached: RestApi) -> None:
        """Invalidate an API Gateway cache entry, without authorization"""
        update(cached, *settings("*/*", caching_requireAuthorizationForCacheControl="false"))
        first = cached.get("/pets").body

        fresh = cached.get("/pets", FRESH)
        assert fresh.body != first
        assert fresh.header("Warning") is None
        assert cached.get("/pets").body == fresh.body

    @pytest.mark.parametrize(
        ("strategy", "status", "warning"),
        [
            ("SUCCEED_WITH_RESPONSE_HEADER", 200, WARNING),
            ("SUCCEED_WITHOUT_RESPONSE_HEADER", 200, None),
            ("FAIL_WITH_403", 403, None),
        ],
    )
    def test_a_client_that_may_not_is_treated_as_the_stage_says(
        self, cached: RestApi, strategy: str, status: int, warning: str | None
    ) -> None:
        """Handle unauthorized requests"""
        update(cached, *settings("*/*", caching_unauthorizedCacheControlHeaderStrategy=strategy))
        first = cached.get("/pets")

        answer = cached.get("/pets", FRESH)
        assert (answer.status, answer.header("Warning")) == (status, warning)
        assert cached.get("/pets").body == first.body
        if status == 200:
            assert answer.body == first.body
        else:
            assert answer.header("x-amzn-ErrorType") == "AccessDeniedException"

    def test_a_flush_empties_the_cache(self, cached: RestApi) -> None:
        """Flush the API stage cache in API Gateway"""
        first = {path: cached.get(path).body for path in ("/pets", "/pets/1")}

        cached.apigateway.flush_stage_cache(restApiId=cached.id, stageName="test")
        second = {path: cached.get(path).body for path in first}
        assert all(first[path] != second[path] for path in first)
        assert all(cached.get(path).body == second[path] for path in first)

        cached.apigateway.flush_stage_authorizers_cache(restApiId=cached.id, stageName="test")
        absent = {"restApiId": cached.id, "stageName": "absent"}
        expected = (404, "NotFoundException", "Invalid stage identifier specified")
        assert refusal(cached.apigateway.flush_stage_cache, **absent) == expected

    def test_another_size_or_a_new_deployment_starts_empty(self, cached: RestApi) -> None:
        """Changing the capacity deletes all cached data; entries belong to a deployment"""
        first = cached.get("/pets").body

        update(cached, ("replace", "/cacheClusterSize", "1.6"))
        second = cached.get("/pets").body
        cached.deploy()
        third = cached.get("/pets").body

        assert len({first, second, third}) == 3

    def test_faults_are_not_cached(self, rest_apis: RestApis) -> None:
        """5xx"""
        api = rest_apis.create()
        for status in ("404", "503"):
            address = api.method(f"/{status}", "GET")
            templates = {"application/json": f'{{"statusCode": {status}}}'}
            api.apigateway.put_integration(**address, type="MOCK", requestTemplates=templates)
            api.answers(address, status, responseTemplates={"application/json": "$context.requestId"})
        api.deploy()
        update(api, ("replace", "/cacheClusterEnabled", "true"), *settings("*/*", caching_enabled="true"))

        assert api.get("/404").body == api.get("/404").body
        assert api.get("/503").body != api.get("/503").body


class TestCanary:
    """Set up an API Gateway canary release deployment"""

    TEMPLATE = '{"release": "%s", "canary": "$context.isCanaryRequest", "a": "$stageVariables.a", "b": "$stageVariables.b"}'

    @pytest.fixture
    def api(self, rest_apis: RestApis) -> RestApi:
        """A stage `test` with variables, and a definition that has changed since its deployment."""
        api = rest_apis.create()
        api.mock("/", "GET", self.TEMPLATE % "base")
        api.deploy(variables={"a": "stage", "b": "stage"})
        address = api.address("/", "GET")
        patch = {"op": "replace", "path": "/responseTemplates/application~1json", "value": self.TEMPLATE % "canary"}
        api.apigateway.update_integration_response(**address, statusCode="200", patchOperations=[patch])
        api.mock("/new", "GET", "new")
        return api

    def test_a_canary_gets_all_or_nothing_and_is_promoted(self, api: RestApi) -> None:
        """Create, update and promote a canary release"""
        assert api.get("/").json == {"release": "base", "canary": "", "a": "stage", "b": "stage"}

        overrides = {"b": "canary", "c": "new"}
        canary = {"percentTraffic": 0.0, "stageVariableOverrides": overrides, "useStageCache": False}
        deployment = api.deploy(canarySettings=canary)
        stage = api.apigateway.get_stage(restApiId=api.id, stageName="test")
        assert stage["canarySettings"] == canary | {"deploymentId": deployment}
        assert stage["deploymentId"] != deployment
        assert api.get("/").json == {"release": "base", "canary": "false", "a": "stage", "b": "stage"}
        assert api.get("/new").status == 403

        update(api, ("replace", "/canarySettings/percentTraffic", "100"))
        assert api.get("/").json == {"release": "canary", "canary": "true", "a": "stage", "b": "canary"}
        assert api.get("/new").body == b"new"

        stage = update(
            api,
            ("replace", "/canarySettings/percentTraffic", "0.0"),
            ("copy", "/deploymentId", "/canarySettings/deploymentId"),
            ("copy", "/variables", "/canarySettings/stageVariableOverrides"),
        )
        assert (stage["deploymentId"], stage["variables"]) == (deployment, {"a": "stage"} | overrides)
        assert api.get("/").json == {"release": "canary", "canary": "false", "a": "stage", "b": "canary"}

        update(api, ("remove", "/canarySettings"))
        assert api.get("/").json == {"release": "canary", "canary": "", "a": "stage", "b": "canary"}

    def test_some_requests_are_the_canary_s(self, api: RestApi) -> None:
        """percentTraffic: of 64 requests at a half, neither release goes without but once in 2^63 runs"""
        api.deploy(canarySettings={"percentTraffic": 50.0})

        assert {api.get("/").json["release"] for _ in range(64)} == {"base", "canary"}

    def test_a_function_is_told_of_a_canary(self, rest_apis: RestApis, functions: Functions) -> None:
        """requestContext.isCanaryRequest, stageVariables"""
        api = rest_apis.proxy(functions.proxy_echo())
        event = api.get("/x").json
        assert "isCanaryRequest" not in event["requestContext"]

        api.deploy(canarySettings={"percentTraffic": 100.0, "stageVariableOverrides": {"a": "canary"}})
        event = api.get("/x").json
        assert event["requestContext"]["isCanaryRequest"] is True
        assert event["stageVariables"] == {"a": "canary"}

        update(api, ("replace", "/canarySettings/percentTraffic", "0"))
        event = api.get("/x").json
        assert event["requestContext"]["isCanaryRequest"] is False
        assert event["stageVariables"] is None


class Backend(BaseHTTPRequestHandler):
    """Answers with the path that it was asked for."""

    def do_GET(self) -> None:
        """The method's name is the standard library's."""
        body = self.path.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Says nothing."""


@pytest.fixture
def backend() -> Iterator[int]:
    """The port of an HTTP server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


class TestStageVariables:
    """API Gateway stage variables reference for REST APIs in API Gateway"""

    def test_they_fill_parts_of_urls(self, rest_apis: RestApis, backend: int) -> None:
        """HTTP integration URIs"""
        api = rest_apis.create()
        uris = {
            "/full": "http://${stageVariables.url}",
            "/domain": "http://${stageVariables.host}/resource/operation",
            "/subdomain": "http://${stageVariables.sub}.0.0.1:" + f"{backend}/resource/operation",
            "/path": f"http://127.0.0.1:{backend}/" + "${stageVariables.part}/bar",
            "/query": f"http://127.0.0.1:{backend}/foo?" + "q=${stageVariables.part}",
            "/absent": f"http://127.0.0.1:{backend}/a" + "${stageVariables.absent}/b",
        }
        for path, uri in uris.items():
            address = api.method(path, "GET")
            api.apigateway.put_integration(**address, type="HTTP_PROXY", integrationHttpMethod="GET", uri=uri)
        host = f"127.0.0.1:{backend}"
        api.deploy(variables={"url": f"{host}/all", "host": host, "sub": "127", "part": "some-part"})

        assert {path: api.get(path).text for path in uris} == {
            "/full": "/all",
            "/domain": "/resource/operation",
            "/subdomain": "/resource/operation",
            "/path": "/some-part/bar",
            "/query": "/foo?q=some-part",
            "/absent": "/a/b",
        }

    def test_they_stand_in_mappings_and_templates(self, rest_apis: RestApis) -> None:
        """Parameter mapping expressions, mapping templates"""
        api = rest_apis.create()
        address = api.method("/", "GET")
        request = '#set($status = "$stageVariables.status"){"statusCode": $status}'
        api.apigateway.put_integration(**address, type="MOCK", requestTemplates={"application/json": request})
        header = "method.response.header.X-Stage"
        api.apigateway.put_method_response(**address, statusCode="200", responseParameters={header: True})
        api.apigateway.put_integration_response(
            **address,
            statusCode="200",
            responseParameters={header: "stageVariables.name"},
            responseTemplates={"application/json": "$stageVariables.name ${stageVariables.name} $stageVariables['name']"},
        )
        api.deploy(variables={"status": "200", "name": "blue"})

        answer = api.get("/")
        assert (answer.text, answer.header("X-Stage")) == ("blue blue blue", "blue")

    def test_they_name_functions_and_roles(self, rest_apis: RestApis, functions: Functions, iam: Any) -> None:
        """AWS integration URIs (Lambda functions), AWS integration credentials"""
        arn = functions.python("def handler(event, context): return 'called'")
        prefix, name = arn.rsplit(":", 1)
        role = iam.create_role(RoleName=f"r-{name}", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        iam.put_role_policy(RoleName=f"r-{name}", PolicyName="invoke", PolicyDocument=json.dumps(PERMISSION))
        api = rest_apis.create()
        by_variable = f"{prefix}:${{stageVariables.function}}"
        credentials = role.replace(f"role/r-{name}", "${stageVariables.role}")
        api.lambda_custom("/", "GET", by_variable, credentials=credentials)
        api.deploy(variables={"function": name, "role": f"role/r-{name}"})
        assert api.get("/").json == "called"

        update(api, ("replace", "/variables/role", "role/absent"))
        assert api.get("/").status == 500
        update(api, ("replace", "/variables/role", f"role/r-{name}"), ("replace", "/variables/function", "absent"))
        assert api.get("/").status == 500

    def test_a_stage_refuses_what_no_variable_may_be(self, pets: RestApi) -> None:
        """Quotas: 100 variables, names of 64 and values of 512 characters"""
        longest = [("replace", f"/variables/{'n' * 64}", "v" * 512)]
        assert update(pets, *longest)["variables"] == {"n" * 64: "v" * 512}

        for patch in [("a-b", "c"), ("n" * 65, "v"), ("n", "v" * 513), ("n", 'a"b')]:
            status, code, _ = refusal_of(pets, *patch)
            assert (status, code) == (400, "BadRequestException"), patch
        full = [("replace", f"/variables/n{number}", "v") for number in range(99)]
        assert len(update(pets, *full)["variables"]) == 100
        assert refusal_of(pets, "one_more", "v")[:2] == (400, "BadRequestException")


def refusal_of(api: RestApi, name: str, value: str) -> tuple[int, str, str]:
    """How a stage variable is refused."""
    patch = {"op": "replace", "path": f"/variables/{name}", "value": value}
    return refusal(api.apigateway.update_stage, restApiId=api.id, stageName="test", patchOperations=[patch])


class TestWhatActsWhen:
    """Deploy REST APIs in API Gateway: settings of a stage act at once, the definition acts with the next deployment"""

    def test_what_belongs_to_the_stage_acts_at_once(self, rest_apis: RestApis) -> None:
        """Variables, throttling, caching, canary"""
        api = rest_apis.create()
        api.mock("/", "GET", "$context.requestId $!stageVariables.a $!context.isCanaryRequest")
        api.deploy()

        update(api, ("replace", "/variables/a", "b"))
        assert api.get("/").text.split()[1:] == ["b"]
        update(api, ("replace", "/canarySettings/percentTraffic", "100"))
        assert api.get("/").text.split()[1:] == ["b", "true"]
        update(api, ("remove", "/canarySettings"))
        update(api, ("replace", "/cacheClusterEnabled", "true"), *settings("*/*", caching_enabled="true"))
        assert api.get("/").body == api.get("/").body
        update(api, *settings("*/*", caching_enabled="false"))
        assert api.get("/").body != api.get("/").body
        update(api, *throttle("*/*", burst=0))
        assert api.get("/").status == 429
        update(api, ("remove", "/*/*"))
        assert api.get("/").status == 200

    def test_the_definition_acts_with_the_next_deployment(self, rest_apis: RestApis) -> None:
        """Resources, methods, integrations, responses, gateway responses, binary types, compression, the default host"""
        api = rest_apis.create()
        address = api.mock("/", "GET", "old " * 300)
        deployed = api.deploy()
        before = {"template": api.get("/").body, "missing": api.get("/new").status}

        template = {"op": "replace", "path": "/responseTemplates/application~1json", "value": "new " * 300}
        api.apigateway.update_integration_response(**address, statusCode="200", patchOperations=[template])
        api.mock("/new", "GET", "new")
        api.apigateway.put_gateway_response(
            restApiId=api.id, responseType="MISSING_AUTHENTICATION_TOKEN", statusCode="404"
        )
        patches = [{"op": "replace", "path": "/minimumCompressionSize", "value": "0"}]
        api.apigateway.update_rest_api(restApiId=api.id, patchOperations=patches)
        assert {"template": api.get("/").body, "missing": api.get("/new").status} == before
        assert api.get("/", {"Accept-Encoding": "gzip"}).header("Content-Encoding") is None

        api.deploy()
        assert api.get("/").text == "new " * 300
        assert (api.get("/new").text, api.get("/absent").status) == ("new", 404)
        assert api.get("/", {"Accept-Encoding": "gzip"}).header("Content-Encoding") == "gzip"

        patches = [{"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "true"}]
        api.apigateway.update_rest_api(restApiId=api.id, patchOperations=patches)
        assert api.get("/").status == 200
        api.deploy()
        assert (api.get("/").status, json.loads(api.get("/").body)) == (403, {"message": "Forbidden"})

        update(api, ("replace", "/deploymentId", deployed))
        assert (api.get("/").body, api.get("/new").status) == (before["template"], before["missing"])
