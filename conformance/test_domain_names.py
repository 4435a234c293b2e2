"""Developer Guide, "Custom domain name for public REST APIs in API Gateway": domain names, their mappings, and what stands around them."""

import json
import ssl
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from harness.cli import AwsCli
from harness.functions import Functions
from harness.gateway import Gateway
from harness.http import Client, Response
from harness.rest_api import ACCOUNT, REGION, RestApi, RestApis
from harness.sdk import refusal, sdk

CERTIFICATE = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/11111111-2222-3333-4444-555555555555"
NLB = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/net/inside/0123456789abcdef"
FORBIDDEN = (403, b'{"message":"Forbidden"}', "ForbiddenException")
SECONDS_PER_YEAR = 365 * 24 * 60 * 60
RSA_BITS = 2048


def unique_host() -> str:
    """A host that no other scenario has."""
    return f"h{uuid.uuid4().hex[:12]}.example.com"


@pytest.fixture
def host(apigateway: Any) -> Iterator[str]:
    """A regional domain name, gone when the scenario is over: an account may have a limited number."""
    name = unique_host()
    create_domain(apigateway, name)
    yield name
    apigateway.delete_domain_name(domainName=name)


def create_domain(apigateway: Any, name: str, **members: Any) -> Any:
    """`CreateDomainName` of a regional one."""
    regional = {"regionalCertificateArn": CERTIFICATE, "endpointConfiguration": {"types": ["REGIONAL"]}}
    return apigateway.create_domain_name(domainName=name, **regional | members)


def map_path(api: RestApi, host: str, base_path: str = "", stage: str | None = "test") -> Any:
    """`CreateBasePathMapping`."""
    members = {"stage": stage} if stage else {}
    return api.apigateway.create_base_path_mapping(
        domainName=host, basePath=base_path, restApiId=api.id, **members
    )


def over(client: Client, host: str, path: str, method: str = "GET", **headers: str) -> Response:
    """A request to a host."""
    return client.send(method, path, {"Host": host, **headers})


def outcome(response: Response) -> tuple[int, bytes, str | None]:
    """Status, body and error type."""
    return response.status, response.body, response.header("x-amzn-ErrorType")


@pytest.fixture
def pets(rest_apis: RestApis) -> RestApi:
    """A mock that tells where a request went."""
    api = rest_apis.create()
    told = '{"api":"$context.apiId","stage":"$context.stage","path":"$context.path","resource":"$context.resourcePath",' \
           '"domain":"$context.domainName","prefix":"$context.domainPrefix"}'
    for path in ["/", "/pets", "/pets/{id}"]:
        api.mock(path, "GET", told)
    api.deploy()
    return api


class TestRouting:
    """Use API mappings to connect API stages to a custom domain name for REST APIs"""

    def test_a_base_path_leads_to_an_api_and_its_stage(self, pets: RestApi, client: Client, host: str) -> None:
        """Routing API requests"""
        map_path(pets, host, "v1")

        told = over(client, host, "/v1/pets/7?x=y").json
        assert told == {
            "api": pets.id,
            "stage": "test",
            "path": "/v1/pets/7",
            "resource": "/pets/{id}",
            "domain": host,
            "prefix": host.split(".")[0],
        }
        assert over(client, host, "/v1").json["resource"] == "/"
        assert outcome(over(client, host, "/v2/pets")) == FORBIDDEN
        assert outcome(over(client, host, "/")) == FORBIDDEN
        missing = over(client, host, "/v1/cats")
        assert (missing.status, missing.json) == (403, {"message": "Missing Authentication Token"})

    def test_the_empty_base_path_takes_the_rest(self, pets: RestApi, rest_apis: RestApis, client: Client, host: str) -> None:
        """Routing API requests: the longest matching path"""
        other = rest_apis.create()
        other.mock("/{proxy+}", "GET", "other")
        other.deploy("live")
        map_path(pets, host, "pets")
        map_path(other, host, stage="live")

        assert over(client, host, "/pets/pets").json["path"] == "/pets/pets"
        assert over(client, host, "/pets").json["resource"] == "/"
        for path in ["/petshop", "/Pets/pets", "/cats/1"]:
            assert over(client, host, path).body == b"other"

    def test_a_mapping_without_a_stage_leaves_it_to_the_client(self, pets: RestApi, client: Client, host: str) -> None:
        """create-base-path-mapping: stage"""
        pets.deploy("other")
        map_path(pets, host, "own", stage=None)

        told = over(client, host, "/own/other/pets").json
        assert (told["stage"], told["resource"], told["path"]) == ("other", "/pets", "/own/other/pets")
        assert over(client, host, "/own/test/pets").json["stage"] == "test"
        for path in ["/own", "/own/nowhere/pets"]:
            assert outcome(over(client, host, path)) == FORBIDDEN

    def test_changes_act_with_the_next_request(self, pets: RestApi, client: Client, host: str) -> None:
        """What was acknowledged is served."""
        apigateway = pets.apigateway
        for number in range(10):
            base_path = f"v{number}"
            assert outcome(over(client, host, f"/{base_path}/pets")) == FORBIDDEN
            map_path(pets, host, base_path)
            assert over(client, host, f"/{base_path}/pets").status == 200
            moved = {"op": "replace", "path": "/basePath", "value": f"w{number}"}
            apigateway.update_base_path_mapping(domainName=host, basePath=base_path, patchOperations=[moved])
            assert outcome(over(client, host, f"/{base_path}/pets")) == FORBIDDEN
            assert over(client, host, f"/w{number}/pets").status == 200
            apigateway.delete_base_path_mapping(domainName=host, basePath=f"w{number}")
            assert outcome(over(client, host, f"/w{number}/pets")) == FORBIDDEN

    def test_a_host_is_compared_without_letter_case_and_port(self, pets: RestApi, client: Client, host: str) -> None:
        """RFC 9110: host names"""
        map_path(pets, host)

        told = over(client, f"{host.upper()}:443", "/pets").json
        assert (told["domain"], told["prefix"]) == (host, host.split(".")[0])

    def test_a_wildcard_takes_the_hosts_without_a_domain_name_of_their_own(
        self, pets: RestApi, apigateway: Any, client: Client
    ) -> None:
        """Wildcard custom domain names"""
        parent = f"w{uuid.uuid4().hex[:12]}.example.com"
        for name, base_path in [(f"*.{parent}", "any"), (f"own.{parent}", "own")]:
            create_domain(apigateway, name)
            map_path(pets, name, base_path)

        told = over(client, f"a.{parent}", "/any/pets").json
        assert (told["domain"], told["prefix"]) == (f"a.{parent}", "a")
        assert over(client, f"b.{parent}", "/any/pets").json["prefix"] == "b"
        assert over(client, f"own.{parent}", "/own/pets").status == 200
        assert outcome(over(client, f"own.{parent}", "/any/pets")) == FORBIDDEN
        assert outcome(over(client, f"a.b.{parent}", "/any/pets"))[2] == "AccessDeniedException"
        for name in [f"*.{parent}", f"own.{parent}"]:
            apigateway.delete_domain_name(domainName=name)
        assert outcome(over(client, f"a.{parent}", "/any/pets"))[2] == "AccessDeniedException"

    def test_a_custom_domain_stays_open_when_the_default_endpoint_is_disabled(
        self, pets: RestApi, client: Client, host: str
    ) -> None:
        """Disable the default endpoint for REST APIs"""
        map_path(pets, host)
        disabled = {"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "true"}
        pets.apigateway.update_rest_api(restApiId=pets.id, patchOperations=[disabled])
        pets.deploy()

        assert outcome(pets.get("/pets")) == FORBIDDEN
        assert outcome(client.send("GET", f"/_aws/execute-api/{pets.id}/test/pets")) == FORBIDDEN
        assert over(client, host, "/pets").json["api"] == pets.id

    def test_a_signature_and_a_page_of_another_site_do_not_matter(self, pets: RestApi, client: Client, host: str) -> None:
        """A request to a custom domain name is for its API, whatever else it says."""
        map_path(pets, host)
        scope = f"AKIAIOSFODNN7EXAMPLE/20260101/{REGION}/apigateway/aws4_request"
        signed = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}"

        assert over(client, host, "/pets", Authorization=signed).json["api"] == pets.id
        assert over(client, host, "/pets", Origin="https://elsewhere.example").json["api"] == pets.id

    def test_a_proxy_function_sees_the_base_path_in_its_path_alone(
        self, rest_apis: RestApis, functions: Functions, client: Client, host: str
    ) -> None:
        """Input format of a Lambda function for proxy integration"""
        code = "export const handler = async (event) => ({statusCode: 200, body: JSON.stringify(event)});"
        api = rest_apis.proxy(functions.node(code))
        map_path(api, host, "v1")

        event = over(client, host, "/v1/pets/7").json
        context = event["requestContext"]
        assert (event["path"], event["resource"]) == ("/v1/pets/7", "/{proxy+}")
        assert event["pathParameters"] == {"proxy": "pets/7"}
        assert (context["path"], context["stage"], context["resourcePath"]) == ("/v1/pets/7", "test", "/{proxy+}")
        assert (context["domainName"], context["domainPrefix"]) == (host, host.split(".")[0])

    def test_an_access_log_names_the_base_path(self, pets: RestApi, client: Client, host: str, logs: Any) -> None:
        """Variables for access logging for API Gateway: customDomain.basePathMatched"""
        group = f"/access/{uuid.uuid4().hex}"
        destination = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}"
        patches = [
            {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": destination},
            {
                "op": "replace",
                "path": "/accessLogSettings/format",
                "value": "$context.requestId $context.customDomain.basePathMatched $context.domainName",
            },
        ]
        pets.apigateway.update_stage(restApiId=pets.id, stageName="test", patchOperations=patches)
        map_path(pets, host, "v1")

        request_id = over(client, host, "/v1/pets").header("x-amzn-RequestId")
        direct_id = pets.get("/pets").header("x-amzn-RequestId")
        lines = [event["message"].split() for event in logs.filter_log_events(logGroupName=group)["events"]]
        assert [request_id, "v1", host] in lines
        assert [direct_id, "-"] in [line[:2] for line in lines]

    def test_callers_who_cannot_be_told_apart_are_refused(self, pets: RestApi, apigateway: Any, client: Client) -> None:
        """How to turn on mutual TLS authentication for your REST APIs"""
        guarded = unique_host()
        create_domain(apigateway, guarded, mutualTlsAuthentication={"truststoreUri": "s3://trust/store.pem"})
        map_path(pets, guarded)
        assert outcome(over(client, guarded, "/pets")) == FORBIDDEN

        ended = {"op": "remove", "path": "/mutualTlsAuthentication"}
        apigateway.update_domain_name(domainName=guarded, patchOperations=[ended])
        assert over(client, guarded, "/pets").status == 200
        apigateway.delete_domain_name(domainName=guarded)

    def test_a_data_plane_of_its_own_knows_custom_domains(self, binary: Path, tmp_path: Path) -> None:
        """The listener that serves deployed APIs alone, and domain names that survive a restart."""
        data, log = tmp_path / "data", tmp_path / "stderr.log"
        with Gateway.serve(binary, data, log) as gateway:
            api = RestApi.create(sdk(gateway.url, "apigateway"), gateway.client)
            api.mock("/pets", "GET", "pets")
            api.deploy()
            create_domain(api.apigateway, "api.example.com")
            map_path(api, "api.example.com", "v1")
            assert over(gateway.client, "api.example.com", "/v1/pets").body == b"pets"
        with Gateway.serve(binary, data, log) as gateway:
            assert over(gateway.client, "api.example.com", "/v1/pets").body == b"pets"
            assert over(gateway.client, "other.example.com", "/v1/pets").status == 403
            reset = gateway.client.send("POST", "/_lambdagate/reset")
            assert reset.status in (200, 204)
            assert over(gateway.client, "api.example.com", "/v1/pets").status == 403


class TestDomainNames:
    """API Reference, "DomainName" and "BasePathMapping" """

    def test_domain_names_by_the_command_line(self, aws: AwsCli, pets: RestApi) -> None:
        """create-domain-name, create-base-path-mapping, update-base-path-mapping"""
        name = unique_host()
        created = aws(
            *("apigateway", "create-domain-name", "--domain-name", name),
            *("--regional-certificate-arn", CERTIFICATE, "--endpoint-configuration", "types=REGIONAL"),
            *("--tags", "team=pets"),
        )
        assert created["regionalDomainName"].endswith(f".execute-api.{REGION}.amazonaws.com")
        assert (created["domainNameStatus"], created["tags"]) == ("AVAILABLE", {"team": "pets"})
        named = ("--domain-name", name)
        mapping = aws("apigateway", "create-base-path-mapping", *named, "--rest-api-id", pets.id, "--stage", "test")
        assert mapping == {"basePath": "(none)", "restApiId": pets.id, "stage": "test"}
        patch = "op=replace,path=/basePath,value=v1"
        moved = aws("apigateway", "update-base-path-mapping", *named, "--base-path", "(none)", "--patch-operations", patch)
        assert moved == {**mapping, "basePath": "v1"}
        slashed = aws.error("apigateway", "create-base-path-mapping", *named, "--rest-api-id", pets.id, "--base-path", "a/b")
        assert "API Gateway V1 doesn't support the slash character (/) in base path mappings." in slashed

        apigateway = pets.apigateway
        assert apigateway.get_base_path_mapping(domainName=name, basePath="v1")["restApiId"] == pets.id
        assert [item["basePath"] for item in apigateway.get_base_path_mappings(domainName=name)["items"]] == ["v1"]
        status, code, message = refusal(apigateway.delete_rest_api, restApiId=pets.id)
        assert (status, code) == (400, "BadRequestException")
        assert message.endswith(f"Please remove all base path mappings related to the RestApi in your domains: {name}")
        apigateway.delete_base_path_mapping(domainName=name, basePath="v1")
        apigateway.delete_domain_name(domainName=name)
        unknown = (404, "NotFoundException", "Invalid domain name identifier specified")
        assert refusal(apigateway.get_domain_name, domainName=name) == unknown

    def test_a_private_domain_name_and_its_access_association(self, apigateway: Any, client: Client) -> None:
        """Custom domain names for private APIs in API Gateway"""
        name = unique_host()
        created = apigateway.create_domain_name(
            domainName=name,
            certificateArn=CERTIFICATE,
            endpointConfiguration={"types": ["PRIVATE"]},
            policy=json.dumps({"Version": "2012-10-17", "Statement": []}),
        )
        domain_id, arn = created["domainNameId"], created["domainNameArn"]
        assert arn == f"arn:aws:apigateway:{REGION}:{ACCOUNT}:/domainnames/{name}+{domain_id}"
        assert refusal(apigateway.get_domain_name, domainName=name)[0] == 404
        assert apigateway.get_domain_name(domainName=name, domainNameId=domain_id)["tags"] == {}
        assert outcome(over(client, name, "/pets")) == FORBIDDEN

        association = apigateway.create_domain_name_access_association(
            domainNameArn=arn,
            accessAssociationSourceType="VPCE",
            accessAssociationSource="vpce-0abc",
            tags={"a": "b"},
        )
        association_arn = association["domainNameAccessAssociationArn"]
        assert apigateway.get_tags(resourceArn=association_arn)["tags"] == {"a": "b"}
        assert apigateway.get_tags(resourceArn=arn)["tags"] == {}
        listed = apigateway.get_domain_name_access_associations()["items"]
        assert [item for item in listed if item["domainNameArn"] == arn][0]["accessAssociationSource"] == "vpce-0abc"
        apigateway.delete_domain_name_access_association(domainNameAccessAssociationArn=association_arn)
        again = apigateway.create_domain_name_access_association(
            domainNameArn=arn, accessAssociationSourceType="VPCE", accessAssociationSource="vpce-0abc"
        )
        apigateway.reject_domain_name_access_association(
            domainNameAccessAssociationArn=again["domainNameAccessAssociationArn"], domainNameArn=arn
        )
        listed = apigateway.get_domain_name_access_associations()["items"]
        assert [item for item in listed if item["domainNameArn"] == arn] == []
        apigateway.delete_domain_name(domainName=name, domainNameId=domain_id)

    def test_names_that_would_take_the_gateways_own_hosts_are_refused(self, apigateway: Any) -> None:
        """RFC 1035, and hosts that belong to APIs"""
        for name in ["localhost", "127.0.0.1", "abc.execute-api.us-east-1.amazonaws.com", "a/b.example.com"]:
            status, code, message = refusal(create_domain, apigateway=apigateway, name=name)
            assert (status, code) == (400, "BadRequestException")
            assert message == f"Invalid domain name specified: {name}"


class TestClientCertificates:
    """Generate and configure an SSL certificate for backend authentication"""

    def test_a_certificate_is_real_and_signed_by_itself(self, apigateway: Any) -> None:
        """generate-client-certificate"""
        made = apigateway.generate_client_certificate(description="backends", tags={"a": "b"})
        pem = made["pemEncodedCertificate"]
        validity = made["expirationDate"] - made["createdDate"]
        assert (validity.total_seconds(), made["tags"]) == (SECONDS_PER_YEAR, {"a": "b"})

        certificate = x509.load_pem_x509_certificate(pem.encode())
        key = certificate.public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        assert key.key_size == RSA_BITS
        assert isinstance(certificate.signature_hash_algorithm, hashes.SHA256)
        certificate.verify_directly_issued_by(certificate)
        assert certificate.not_valid_before_utc == made["createdDate"]
        assert certificate.not_valid_after_utc == made["expirationDate"]

        certificate_id = made["clientCertificateId"]
        other = apigateway.generate_client_certificate()
        assert other["pemEncodedCertificate"] != pem
        assert apigateway.get_client_certificate(clientCertificateId=certificate_id)["pemEncodedCertificate"] == pem
        listed = {item["clientCertificateId"] for item in apigateway.get_client_certificates()["items"]}
        assert {certificate_id, other["clientCertificateId"]} <= listed
        for item in [certificate_id, other["clientCertificateId"]]:
            apigateway.delete_client_certificate(clientCertificateId=item)

    def test_a_certificate_in_use_stays(self, apigateway: Any, pets: RestApi) -> None:
        """delete-client-certificate, update-stage"""
        certificate_id = apigateway.generate_client_certificate()["clientCertificateId"]
        stage = {"restApiId": pets.id, "stageName": "test"}
        attached = {"op": "replace", "path": "/clientCertificateId", "value": certificate_id}
        assert apigateway.update_stage(**stage, patchOperations=[attached])["clientCertificateId"] == certificate_id
        status, code, message = refusal(apigateway.delete_client_certificate, clientCertificateId=certificate_id)
        assert (status, code) == (400, "BadRequestException")
        assert f"{pets.id}/test" in message
        detached = {"op": "replace", "path": "/clientCertificateId", "value": ""}
        apigateway.update_stage(**stage, patchOperations=[detached])
        apigateway.delete_client_certificate(clientCertificateId=certificate_id)
        unknown = (404, "NotFoundException", "Invalid Client Certificate identifier specified")
        assert refusal(apigateway.get_client_certificate, clientCertificateId=certificate_id) == unknown

    def test_a_backend_knows_the_gateway_by_it(self, binary: Path, tmp_path: Path) -> None:
        """Configure an HTTPS server to verify the client certificate"""
        authority = write_server_certificate(tmp_path)
        with Gateway.serve(
            binary, tmp_path / "data", tmp_path / "stderr.log", "--backend-ca", str(authority)
        ) as gateway:
            apigateway = sdk(gateway.url, "apigateway")
            made = apigateway.generate_client_certificate()
            (tmp_path / "client.pem").write_text(made["pemEncodedCertificate"])
            with tls_backend(tmp_path) as url:
                api = RestApi.create(apigateway, gateway.client)
                address = api.method("/x", "GET")
                apigateway.put_integration(**address, type="HTTP_PROXY", integrationHttpMethod="GET", uri=url)
                api.deploy()
                assert api.get("/x").status != 200

                attached = {"op": "replace", "path": "/clientCertificateId", "value": made["clientCertificateId"]}
                apigateway.update_stage(restApiId=api.id, stageName="test", patchOperations=[attached])
                assert (api.get("/x").status, api.get("/x").body) == (200, b"CN=ApiGateway")
                certificate = {"clientCertificateId": made["clientCertificateId"]}
                assert apigateway.test_invoke_method(**address, **certificate)["body"] == "CN=ApiGateway"
                assert apigateway.test_invoke_method(**address)["status"] != 200


class TestVpcLinks:
    """Set up private integrations for REST APIs"""

    def test_links_by_the_command_line(self, aws: AwsCli, apigateway: Any) -> None:
        """create-vpc-link, get-vpc-link, update-vpc-link, delete-vpc-link"""
        created = aws("apigateway", "create-vpc-link", "--name", "inside", "--target-arns", NLB, "--tags", "a=b")
        assert (created["status"], created["targetArns"], created["tags"]) == ("PENDING", [NLB], {"a": "b"})
        link = {"vpcLinkId": created["id"]}
        ready = apigateway.get_vpc_link(**link)
        assert (ready["status"], ready["statusMessage"]) == ("AVAILABLE", "Your vpc link is ready for use")
        patch = "op=replace,path=/name,value=other"
        named = ("--vpc-link-id", created["id"])
        assert aws("apigateway", "update-vpc-link", *named, "--patch-operations", patch)["name"] == "other"
        arn = f"arn:aws:apigateway:{REGION}::/vpclinks/{created['id']}"
        apigateway.tag_resource(resourceArn=arn, tags={"c": "d"})
        assert apigateway.get_tags(resourceArn=arn)["tags"] == {"a": "b", "c": "d"}
        apigateway.delete_vpc_link(**link)
        unknown = (404, "NotFoundException", "Invalid Vpc Link identifier specified")
        assert refusal(apigateway.get_vpc_link, **link) == unknown


def write_server_certificate(folder: Path) -> Path:
    """A certificate for localhost with its key, signed by itself: `server.pem`, and its own authority."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "server.pem"
    path.write_bytes(private + certificate.public_bytes(pem))
    authority = folder / "authority.pem"
    authority.write_bytes(certificate.public_bytes(pem))
    return authority


@contextmanager
def tls_backend(folder: Path) -> Iterator[str]:
    """An HTTPS server for the one client of `client.pem`; it answers with the name in the client's certificate."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            subject = dict(pair for group in self.connection.getpeercert()["subject"] for pair in group)
            body = f"CN={subject['commonName']}".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(folder / "client.pem")
    server = QuietServer(("127.0.0.1", 0), Answering)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"https://localhost:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class QuietServer(ThreadingHTTPServer):
    """A server that says nothing of clients without a certificate."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass
