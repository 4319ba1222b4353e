"""One request to servers that misbehave in every way we know."""

import datetime as dt
import ssl
import threading
import time

import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cowise.core.errors import AuthError, ForbiddenError, MissingError
from cowise.guard.address import address
from cowise.models import chat
from cowise.models.chat import AnswerlessError, Endpoint, Patience
from tests.models.servers import answer, serving

BODY = {"messages": [{"role": "user", "content": "hi"}]}


def endpoint(url, **changes):
    slept = []
    made = Endpoint(
        address(url, private=True), changes.pop("key", ""), Patience(**{"timeout_s": 5.0, "tries": 3, **changes}),
        sleep=slept.append, rng=np.random.default_rng(0),
    )  # fmt: skip
    return made, slept


def test_a_request_arrives_and_its_answer_comes_back():
    with serving(lambda to, body: to.say(answer("bug"))) as (url, server):
        made, _ = endpoint(url, key="s3cret")
        assert made.chat(BODY) == answer("bug")
    path, headers, body = server.asked[0]
    assert (path, body) == ("/v1/chat/completions", BODY)
    assert headers["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in repr(made)


def test_a_private_server_needs_the_operators_word():
    with serving(lambda to, body: to.say(answer("bug"))) as (url, server):
        with pytest.raises(ForbiddenError, match="--private"):
            Endpoint(address(url)).chat(BODY)
        assert not server.asked


def test_the_pinned_address_is_the_one_that_is_asked():
    """A name that answers differently the second time is connected to where it was judged."""
    asked = []

    def resolve(host, port):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.255.255.1"]

    with serving(lambda to, body: to.say(answer("bug"))) as (url, server):
        port = address(url).port
        made = Endpoint(address(f"http://models.example:{port}/v1", private=True), resolve=resolve)
        assert made.chat(BODY)
    assert asked == ["models.example"]
    assert server.asked[0][1]["Host"] == f"models.example:{port}"


def test_a_busy_server_is_asked_again_after_jittered_waits():
    left = [429, 503]

    def act(to, body):
        to.say({}, left.pop(0), {"Retry-After": "7"}) if left else to.say(answer("bug"))

    with serving(act) as (url, server):
        made, slept = endpoint(url)
        assert made.chat(BODY) == answer("bug")
    assert len(server.asked) == 3
    assert slept == [7.0, 7.0]


def test_waits_grow_and_differ():
    with serving(lambda to, body: to.say({}, 500)) as (url, server):
        made, slept = endpoint(url, tries=6)
        with pytest.raises(AnswerlessError, match="busy"):
            made.chat(BODY)
    assert len(server.asked) == 6
    assert all(0 <= wait <= 2**i for i, wait in enumerate(slept))
    assert len(set(slept)) == 5


def test_a_silly_retry_after_is_bounded():
    with serving(lambda to, body: to.say({}, 429, {"Retry-After": "999999"})) as (url, _):
        made, slept = endpoint(url, tries=2)
        with pytest.raises(AnswerlessError):
            made.chat(BODY)
    assert slept == [60.0]
    with serving(lambda to, body: to.say({}, 429, {"Retry-After": "Wed, 21 Oct"})) as (url, _):
        made, slept = endpoint(url, tries=2)
        with pytest.raises(AnswerlessError):
            made.chat(BODY)
    assert slept[0] <= 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(status):
    with serving(lambda to, body: to.say(answer("evil"))) as (elsewhere, other):
        away = {"Location": f"{elsewhere}/chat/completions"}
        with (
            serving(lambda to, body: to.say({}, status, away)) as (url, _),
            pytest.raises(ForbiddenError, match="not follow"),
        ):
            endpoint(url)[0].chat(BODY)
        assert not other.asked


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_taken_is_never_repeated(status):
    with (
        serving(lambda to, body: to.say({"error": "the key s3cret is wrong"}, status)) as (url, server),
        pytest.raises(AuthError) as said,
    ):
        endpoint(url, key="s3cret")[0].chat(BODY)
    assert "s3cret" not in str(said.value)
    assert len(server.asked) == 1


def test_a_server_that_drips_is_cut_at_its_deadline():
    with serving(lambda to, body: to.drip(20)) as (url, _):
        made, _ = endpoint(url, timeout_s=0.4, tries=1)
        begun = time.monotonic()
        with pytest.raises(AnswerlessError, match=r"more than 0\.4 s"):
            made.chat(BODY)
        assert time.monotonic() - begun < 5


def test_a_server_that_says_nothing_is_cut_too():
    over = threading.Event()
    with serving(lambda to, body: over.wait(20)) as (url, _):
        made, _ = endpoint(url, timeout_s=0.3, tries=2)
        with pytest.raises(AnswerlessError, match="took more"):
            made.chat(BODY)
        over.set()


def test_a_body_that_is_cut_is_no_answer():
    def act(to, body):
        to.send_response(200)
        to.send_header("Content-Length", "5000")
        to.end_headers()
        to.wfile.write(b'{"choices": [')
        to.close_connection = True

    with serving(act) as (url, server), pytest.raises(AnswerlessError, match="broke off"):
        endpoint(url)[0].chat(BODY)
    assert len(server.asked) == 3


def test_a_huge_body_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(chat, "MOST_BYTES", 1 << 20)

    def act(to, body):
        to.send_response(200)
        to.end_headers()
        for _ in range(200):
            to.wfile.write(b"[" * (1 << 16))

    with serving(act) as (url, _), pytest.raises(AnswerlessError, match="larger than 1 MB"):
        endpoint(url)[0].chat(BODY)


@pytest.mark.parametrize("raw", [b"", b"<html>", b"[1, 2]", b"\xff\xfe", b"[" * 100_000, b'{"a":'])
def test_what_is_no_json_object_is_no_answer(raw):
    with serving(lambda to, body: to.say(raw)) as (url, _), pytest.raises(AnswerlessError, match="JSON"):
        endpoint(url)[0].chat(BODY)


def test_other_refusals_come_back_as_what_they_say():
    with serving(lambda to, body: to.say({"detail": "no"}, 422)) as (url, _):
        assert endpoint(url)[0].chat(BODY) == {"error": {"message": "status 422"}}


def test_the_rate_is_kept():
    with serving(lambda to, body: to.say(answer("bug"))) as (url, _):
        made, slept = endpoint(url, per_minute=60)
        for _ in range(3):
            made.chat(BODY)
    assert len(slept) == 2
    assert slept[1] > 1.5 > slept[0] > 0.5


def test_nobody_there():
    with serving(lambda to, body: None) as (url, _):
        pass
    with pytest.raises(AnswerlessError, match="broke off"):
        endpoint(url)[0].chat(BODY)
    with pytest.raises(MissingError, match="not found"):
        Endpoint(address("https://no-such-host.invalid/v1")).chat(BODY)


def certificate(folder, name):
    """A self-signed certificate of a name, in one file with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / f"{name}.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return file


def test_only_the_certificate_of_the_name_is_taken(tmp_path, monkeypatch):
    file = certificate(tmp_path, "models.example")
    with serving(lambda to, body: to.say(answer("bug"))) as (url, server):
        secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        secure.load_cert_chain(file)
        server.socket = secure.wrap_socket(server.socket, server_side=True)
        port = address(url).port

        def ask(host):
            to = address(f"https://{host}:{port}/v1", private=True)
            return Endpoint(to, patience=Patience(5.0, 1), resolve=lambda *_: ["127.0.0.1"]).chat(BODY)

        with pytest.raises(AnswerlessError, match="SSLCertVerificationError"):
            ask("models.example")
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        assert ask("models.example") == answer("bug")
        with pytest.raises(AnswerlessError, match="SSLCertVerificationError"):
            ask("other.example")
    assert len(server.asked) == 1
