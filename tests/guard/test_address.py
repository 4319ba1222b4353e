"""Addresses of users: what names may stand for, and what they may not."""

import pytest

from cowise.core.errors import ForbiddenError, InputError, MissingError
from cowise.guard.address import address, pin, resolved


def stands_for(*ips):
    return lambda host, port: list(ips)


@pytest.mark.parametrize(
    "url",
    ["", "ftp://a.example/x", "file:///etc/passwd", "http://", "https://a.example:99999/", "https://a .example/", "https://[::1",
     "https://a.example/\nv1", "javascript:alert(1)", "https://" + "a" * 3000 + ".example", "//a.example"],
)  # fmt: skip
def test_what_is_no_address(url):
    with pytest.raises(InputError, match="address"):
        address(url)


@pytest.mark.parametrize(
    "url", ["https://me:pw@a.example", "https://a.example/?key=1", "https://a.example/#x", "https://me@a.example"]
)
def test_no_secret_stands_in_an_address(url):
    with pytest.raises(InputError, match="keys folder") as said:
        address(url)
    assert "pw" not in str(said.value)


def test_parts_and_names_in_other_scripts():
    assert str(address("https://BÜCHER.example:8443/v1//")) == "https://xn--bcher-kva.example:8443/v1"
    assert address("http://[::1]:80/v1").host == "::1"
    assert str(address("http://[::1]/v1")) == "http://[::1]:80/v1"


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "10.0.0.8", "192.168.1.1", "172.16.0.1", "::1", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1",
     "2002:7f00:1::", "100.64.0.1"],
)  # fmt: skip
def test_inside_is_open_to_the_operator_alone(ip):
    with pytest.raises(ForbiddenError, match="--private"):
        pin(address("https://a.example"), stands_for(ip))
    assert pin(address("https://a.example", private=True), stands_for(ip))


@pytest.mark.parametrize(
    "ip", ["169.254.169.254", "0.0.0.0", "224.0.0.1", "fe80::1%eth0", "::ffff:169.254.169.254", "255.255.255.255", "::"]
)
def test_some_places_are_never_asked(ip):
    with pytest.raises(ForbiddenError):
        pin(address("https://a.example", private=True), stands_for(ip))


def test_one_bad_address_among_good_ones_is_enough():
    with pytest.raises(ForbiddenError):
        pin(address("https://a.example"), stands_for("93.184.216.34", "10.0.0.1"))
    assert pin(address("https://a.example"), stands_for("93.184.216.34")) == "93.184.216.34"


def test_nothing_crosses_an_open_network_in_the_clear():
    with pytest.raises(ForbiddenError, match="https"):
        pin(address("http://a.example", private=True), stands_for("93.184.216.34"))


def test_names_are_resolved_or_missing():
    assert "127.0.0.1" in resolved("127.0.0.1", 80)
    with pytest.raises(MissingError, match="not found"):
        resolved("no-such-host.invalid", 80)


def test_an_address_that_is_a_number_already_is_named_once():
    with pytest.raises(ForbiddenError, match=r"^address: 127\.0\.0\.1 lies on this machine"):
        pin(address("http://127.0.0.1:8080"), stands_for("127.0.0.1"))
    with pytest.raises(ForbiddenError, match=r"^address: a\.example \(10\.0\.0\.1\) lies on this machine"):
        pin(address("https://a.example"), stands_for("10.0.0.1"))
