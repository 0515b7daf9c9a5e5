"""A layer over moto: serves what moto lacks, and holds every call against the service's own model.

`serve(service, operation)` registers a function that answers an operation from its parameters.
`Emulator` is the WSGI application: calls that are registered are answered here, the rest by moto;
what neither can answer is answered with 501 at once, so that nobody tries again for minutes. A call
that does not fit its model is written to standard error as a line that begins with "violation".
"""

import io
import json
import re
import secrets
import string
import sys
import threading

from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model

ACCOUNT = "123456789012"

# What a call is signed for, where that is not the service's name in its model.
SIGNING = {
    "elasticmapreduce": "emr",
    "monitoring": "cloudwatch",
    "timestream": "timestream-write",
    "kinesisanalytics": "kinesisanalyticsv2",
    "states": "stepfunctions",
    "elasticloadbalancing": "elbv2",
}

OPERATIONS = {}
PAGES = {}                                 # what is asked by path, and is no operation of AWS
STATE = {}
LOCK = threading.RLock()
MOTO = threading.RLock()                  # moto itself is not made for threads


class ApiError(Exception):
    """What a service answers when it refuses."""

    def __init__(self, code, message, status=400):
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def serve(service, operation):
    def register(function):
        OPERATIONS[(service, operation)] = function
        return function

    return register


def store(name):
    return STATE.setdefault(name, {})


def rid(length, alphabet=string.ascii_lowercase + string.digits):
    return "".join(secrets.choice(alphabet) for _ in range(length))


def need(table, key, code="ResourceNotFoundException", status=404):
    if key not in table:
        raise ApiError(code, f"{key} does not exist", status)
    return table[key]


def violations(shape, value, path=""):
    """What a service's model has against a value: missing and unknown members, words, lengths, patterns."""
    kind, meta = shape.type_name, shape.metadata
    if kind == "structure":
        if not isinstance(value, dict):
            return [f"{path}: no structure"]
        missing = [name for name in shape.required_members if value.get(name) is None]
        found = [f"{path}.{name}: missing" for name in missing]
        for name, item in value.items():
            if name not in shape.members:
                found.append(f"{path}.{name}: unknown")
            elif item is not None:
                found += violations(shape.members[name], item, f"{path}.{name}")
        return found
    if kind == "list":
        items = (violations(shape.member, item, f"{path}[{n}]") for n, item in enumerate(value))
        return sum(items, bounds(meta, len(value), path))
    if kind == "map":
        found = bounds(meta, len(value), path)
        for key, item in value.items():
            found += violations(shape.key, key, f"{path}.key") + violations(shape.value, item, f"{path}.{key}")
        return found
    if kind == "string":
        text = str(value)
        found = bounds(meta, len(text), path)
        if shape.enum and text not in shape.enum:
            found.append(f"{path}: {text!r} is none of its words")
        if "pattern" in meta and not fits(meta["pattern"], text):
            found.append(f"{path}: {text[:80]!r} does not match {meta['pattern']}")
        return found
    return bounds(meta, value, path) if kind in ("integer", "long", "float", "double") else []


def bounds(meta, number, path):
    low, high = meta.get("min"), meta.get("max")
    if low is not None and float(number) < float(low):
        return [f"{path}: {number} is below {low}"]
    if high is not None and float(number) > float(high):
        return [f"{path}: {number} is above {high}"]
    return []


def fits(pattern, text):
    try:
        return re.search(pattern.replace("\\p{", "[\\w").replace("(?s)", ""), text)
    except re.error:
        return True                        # a pattern of Java that Python cannot read


class Call:
    """One request: the service and operation it is for, and its parameters."""

    def __init__(self, environ, body):
        self.environ, self.body = environ, body
        self.service = self.operation = self.protocol = self.model = self.parameters = None
        signed = re.search(r"Credential=[^/]+/\d+/([^/]*)/([^/]+)/aws4_request", environ.get("HTTP_AUTHORIZATION", ""))
        if signed:
            self.region = signed.group(1)
            self.identify(SIGNING.get(signed.group(2).lower(), signed.group(2).lower()))

    def request(self):
        return Request({**self.environ, "wsgi.input": io.BytesIO(self.body)})

    def identify(self, service):
        request, in_path = self.request(), {}
        model = get_service_model(service)
        target = self.environ.get("HTTP_X_AMZ_TARGET", "")
        if target:
            name = target.split(".")[-1]
        elif model.protocol in ("query", "ec2"):
            name = request.values.get("Action")
        else:
            found, in_path = get_service_router(service).match(request)
            name = found.name
        self.model = model.operation_model(name)
        self.service, self.operation = service, name
        request = self.request()
        self.protocol = determine_request_protocol(model, request.content_type)
        self.parameters = PROTOCOL_PARSERS[self.protocol](self.model).parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": request.data,
                "url_path": request.path,
                "url_params": in_path,
            }
        )

    def violations(self):
        shape = self.model.input_shape if self.model else None
        return violations(shape, self.parameters) if shape is not None else []


class Emulator:
    """moto, with what is registered here before it."""

    def __init__(self, moto):
        self.moto = moto

    def __call__(self, environ, start_response):
        page, _, rest = environ.get("PATH_INFO", "").lstrip("/").partition("/")
        if page in PAGES:
            text = PAGES[page](rest).encode()
            start_response("200 OK", [("Content-Length", str(len(text)))])
            return [text]
        source = environ["wsgi.input"]
        chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "")
        body = source.read() if chunked else source.read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        try:
            call = Call(environ, body)
            for wrong in call.violations():
                print(f"violation {call.service} {call.operation}{wrong}", file=sys.stderr, flush=True)
        except Exception:                  # what cannot be understood here, moto may understand
            call = None
        if call and (call.service, call.operation) in OPERATIONS:
            return self.answer(call, start_response)
        return self.forward(call, environ, start_response)

    def answer(self, call, start_response):
        serializer = get_serializer_class(call.service, call.protocol)(operation_model=call.model)
        try:
            with LOCK:
                result = OPERATIONS[(call.service, call.operation)](call, call.parameters)
        except ApiError as error:
            return refuse(call.protocol, error, start_response)
        response = serializer.serialize(json.loads(json.dumps(result)))
        payload = response["body"]
        payload = payload.encode() if isinstance(payload, str) else payload
        headers = [(key, str(value)) for key, value in response["headers"].items() if key.lower() != "content-length"]
        start_response(f"{response['status_code']} OK", [*headers, ("Content-Length", str(len(payload)))])
        return [payload]

    def forward(self, call, environ, start_response):
        held = {}

        def hold(status, headers, _=None):
            held.update(status=status, headers=headers)
            return lambda data: None

        try:
            with MOTO:
                chunks = list(self.moto(environ, hold))
            failed = int(held["status"].split()[0]) >= 500
            why = b"".join(chunks).decode(errors="replace")[-300:] if failed else ""
        except Exception as error:         # moto raises what it has not implemented
            failed, why = True, f"{type(error).__name__}: {error}"
        if failed:
            what = f"{call.service} {call.operation}" if call else environ.get("PATH_INFO", "")
            print(f"nobody answers {what}: {why}", file=sys.stderr, flush=True)
            error = ApiError("NotImplemented", f"{what}: {why}", 501)
            return refuse(call.protocol if call else None, error, start_response)
        if held["status"].startswith("4") and call:
            said = b"".join(chunks).decode(errors="replace")[:300]
            print(f"refused {call.service} {call.operation}: {said}", file=sys.stderr, flush=True)
        start_response(held["status"], held["headers"])
        return chunks


def refuse(protocol, error, start_response):
    code, message = error.code, error.message
    if protocol == "ec2":
        kind, text = "text/xml", f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors></Response>"
    elif protocol in ("query", "rest-xml"):
        kind, text = "text/xml", f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    else:
        kind, text = "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message, "Message": message})
    headers = [("Content-Type", kind), ("Content-Length", str(len(text.encode()))), ("x-amzn-ErrorType", code)]
    start_response(f"{error.status} Error", headers)
    return [text.encode()]
