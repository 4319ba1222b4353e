"""Requests made from our own OpenAPI document, good ones and hostile ones: none breaks the server or its own schema."""

from __future__ import annotations

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.core import NOT_SET
from schemathesis.specs.openapi.checks import response_schema_conformance

from cowise.web.openapi import document, main

pytestmark = pytest.mark.slow

ENDLESS = {("/api/events", "get")}
"""Never ends: see test_server."""
APART = {("/api/session", "delete"), ("/api/projects/{p}", "delete")}
"""Would end what the other requests need; tried elsewhere."""
EACH = 12
"""Requests of each kind for each operation."""

DOCUMENT = document()
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
CASES = [
    pytest.param(path, method, mode, id=f"{method} {path} {mode.value}")
    for path, methods in sorted(DOCUMENT["paths"].items())
    for method, operation in sorted(methods.items())
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if (path, method) not in ENDLESS | APART
    if mode is GenerationMode.POSITIVE or operation.get("parameters") or operation.get("requestBody")
]


def send(client, case):
    """One generated case over the test client; None for one that HTTP itself cannot carry."""
    path = case.formatted_path
    params = {k: v for k, v in (case.query or {}).items() if v is not None}
    body = {}
    if case.body is not NOT_SET:
        if isinstance(case.body, bytes):
            body = {"content": case.body, "headers": {"content-type": "application/octet-stream"}}
        else:
            body = {"content": json.dumps(case.body).encode(), "headers": {"content-type": "application/json"}}
    try:
        return client.request(case.method, path, params=params, **body)
    except (UnicodeError, ValueError) as cause:
        if "codec" in str(cause) or "URL" in str(cause) or type(cause).__name__ == "InvalidURL":
            return None
        raise


def given_path(case) -> None:
    """Half of the requests should find a project."""
    if "p" in (case.path_parameters or {}) and len(str(case.path_parameters["p"])) % 2:
        case.path_parameters["p"] = "tickets"


@pytest.mark.parametrize(("path", "method", "mode"), CASES)
def test_no_request_breaks_the_server(shared_office, path, method, mode):
    operation = SCHEMA[path][method.upper()]
    tried = []

    @seed(20261125)
    @settings(max_examples=EACH, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case) -> None:
        given_path(case)
        answer = send(shared_office.client("owner"), case)
        if answer is None:
            return
        tried.append(answer.status_code)
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            assert answer.json()["error"]["message"]
            return
        if answer.headers.get("content-type", "").startswith("application/json"):
            case.validate_response(answer, checks=[response_schema_conformance])

    run()
    assert tried or mode is GenerationMode.NEGATIVE


def test_the_document_is_whole():
    assert DOCUMENT["openapi"].startswith("3.1")
    named = [op.get("operationId") for methods in DOCUMENT["paths"].values() for op in methods.values()]
    assert len(named) == len(set(named))
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description"), (path, method)
            assert "4XX" in operation["responses"], (path, method)


def test_the_document_is_written_to_a_file(tmp_path):
    assert main([str(tmp_path / "openapi.json")]) == 0
    assert json.loads((tmp_path / "openapi.json").read_text("utf-8")) == DOCUMENT


def test_without_a_file_the_document_is_printed(capsys):
    assert main([]) == 0
    assert json.loads(capsys.readouterr().out) == DOCUMENT
