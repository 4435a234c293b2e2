# A custom runtime that streams an HTTP response through the Runtime API, one chunk per piece of the request's body.
import http.client
import json
import os

host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].rsplit(":", 1)
connection = http.client.HTTPConnection(host, int(port))
while True:
    connection.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = connection.getresponse()
    event = json.loads(answer.read())
    request_id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
    connection.putrequest("POST", f"/2018-06-01/runtime/invocation/{request_id}/response")
    connection.putheader("Lambda-Runtime-Function-Response-Mode", "streaming")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    for piece in [b'{"statusCode": 202}', bytes(8), *(text.encode() for text in json.loads(event["body"]))]:
        connection.send(b"%x\r\n%s\r\n" % (len(piece), piece))
    connection.send(b"0\r\n\r\n")
    connection.getresponse().read()
