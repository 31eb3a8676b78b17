"""Which URLs of receivers are permitted, and to which addresses they may resolve. `socket.getaddrinfo` is replaced."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.notify.addresses import Exemptions, RefusedAddress, Unresolved, is_public, parse, resolve
from portal.notify.apps import NotifyConfig

type Answers = Callable[..., None]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """``names("hooks.example.com", "203.0.113.7", ...)`` sets the addresses of a name."""
    known: dict[str, list[str]] = {}

    def lookup(host: str, port: int, *given: Any, **more: Any) -> list[Any]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        families = {4: socket.AF_INET, 6: socket.AF_INET6}
        return [(families[ip_address(a).version], socket.SOCK_STREAM, 6, "", (a, port)) for a in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)

    def answers(host: str, *addresses: str) -> None:
        known[host] = list(addresses)

    return answers


REFUSED = {
    "nothing": "",
    "no scheme": "hooks.example.com/x",
    "http": "http://hooks.example.com/x",
    "another scheme": "ftp://hooks.example.com/x",
    "file": "file:///etc/passwd",
    "gopher": "gopher://127.0.0.1:11211/_stats",
    "no host": "https:///x",
    "user": "https://user@hooks.example.com/",
    "user and password": "https://user:password@hooks.example.com/",
    "host that looks like a user": "https://hooks.example.com@127.0.0.1/",
    "backslash": "https://hooks.example.com\\@127.0.0.1/",
    "fragment": "https://hooks.example.com/#x",
    "space": "https://hooks.example.com/a b",
    "line end": "https://hooks.example.com/\r\nX: y",
    "tab that parsers drop": "https://127.0.\t0.1/",
    "umlaut": "https://büro.example.com/",
    "full-width digits": "https://\uff11\uff12\uff17.0.0.1/",
    "circled digits": "https://①②⑦.0.0.1/",
    "ideographic dots": "https://127。0。0。1/",
    "port of ssh": "https://hooks.example.com:22/",
    "port of PostgreSQL": "https://hooks.example.com:5432/",
    "port zero": "https://hooks.example.com:0/",
    "port too large": "https://hooks.example.com:65536/",
    "port no number": "https://hooks.example.com:x/",
    "single label": "https://localhost/",
    "single label of a network": "https://intranet/",
    "trailing dot": "https://hooks.example.com./",
    "trailing dot of a number": "https://127.0.0.1./",
    "loopback": "https://127.0.0.1/",
    "loopback with port": "https://127.0.0.1:8443/",
    "other loopback": "https://127.8.9.1/",
    "decimal": "https://2130706433/",
    "octal": "https://0177.0.0.1/",
    "octal in one": "https://017700000001/",
    "hexadecimal": "https://0x7f000001/",
    "hexadecimal by part": "https://0x7f.0x0.0x0.0x1/",
    "last part hexadecimal": "https://127.0.0.0x1/",
    "two parts": "https://127.1/",
    "three parts": "https://127.0.1/",
    "leading zeros": "https://127.000.000.001/",
    "too many parts": "https://1.2.3.4.5/",
    "part too large": "https://256.1.1.1/",
    "zero": "https://0/",
    "this network": "https://0.0.0.0/",
    "private 10": "https://10.0.0.5/",
    "private 172": "https://172.16.0.1/",
    "private 192": "https://192.168.1.1/",
    "carrier-grade NAT": "https://100.64.0.1/",
    "link-local": "https://169.254.1.1/",
    "instance metadata": "https://169.254.169.254/latest/meta-data/",
    "Azure's host agent": "https://168.63.129.16/machine/",
    "metadata in CGNAT": "https://100.100.100.200/",
    "multicast": "https://224.0.0.1/",
    "reserved": "https://240.0.0.1/",
    "broadcast": "https://255.255.255.255/",
    "documentation": "https://203.0.113.7/",
    "benchmarks": "https://198.18.0.1/",
    "6to4 relay": "https://192.88.99.1/",
    "v6 loopback": "https://[::1]/",
    "v6 loopback in full": "https://[0:0:0:0:0:0:0:1]/",
    "v6 unspecified": "https://[::]/",
    "mapped loopback": "https://[::ffff:127.0.0.1]/",
    "mapped loopback in hex": "https://[::ffff:7f00:1]/",
    "mapped public": "https://[::ffff:8.8.8.8]/",
    "compatible loopback": "https://[::127.0.0.1]/",
    "6to4 of loopback": "https://[2002:7f00:1::]/",
    "Teredo": "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "NAT64 of loopback": "https://[64:ff9b::7f00:1]/",
    "NAT64 of metadata": "https://[64:ff9b::a9fe:a9fe]/",
    "local NAT64": "https://[64:ff9b:1::1]/",
    "unique local": "https://[fd00::1]/",
    "metadata v6": "https://[fd00:ec2::254]/",
    "link-local v6": "https://[fe80::1]/",
    "link-local v6 with zone": "https://[fe80::1%25eth0]/",
    "site-local": "https://[fec0::1]/",
    "multicast v6": "https://[ff02::1]/",
    "documentation v6": "https://[2001:db8::1]/",
    "bracket left open": "https://[::1/",
    "brackets around a name": "https://[hooks.example.com]/",
    "empty label": "https://hooks..example.com/",
    "label too long": f"https://{'a' * 64}.example.com/",
    "hyphen first": "https://-hooks.example.com/",
    "percent": "https://127.0.0.1%2f.example.com/",
    "percent-encoded dot": "https://127%2e0%2e0%2e1/",
    "too long": f"https://hooks.example.com/{'a' * 2048}",
}


@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED.keys())
def test_addresses_refused_as_written(url: str) -> None:
    with pytest.raises(RefusedAddress) as refused:
        parse(url)
    assert list(refused.value.fields) == ["address"]


ACCEPTED = {
    "plain": ("https://hooks.example.com", "hooks.example.com", 443, "/"),
    "with path and query": (
        "https://prod-1.westeurope.logic.azure.com:443/workflows/a?sig=b%2Fc&x=1",
        "prod-1.westeurope.logic.azure.com",
        443,
        "/workflows/a?sig=b%2Fc&x=1",
    ),
    "8443": ("https://hooks.example.com:8443/x", "hooks.example.com", 8443, "/x"),
    "upper case": ("HTTPS://Hooks.Example.COM/Path", "hooks.example.com", 443, "/Path"),
    "spaces around": ("  https://hooks.example.com/x\n", "hooks.example.com", 443, "/x"),
    "a public number": ("https://9.9.9.9/", "9.9.9.9", 443, "/"),
    "a public v6 number": ("https://[2620:fe::fe]/", "2620:fe::fe", 443, "/"),
    "a name with digits": ("https://1.2.3.4.example.com/", "1.2.3.4.example.com", 443, "/"),
    "punycode": ("https://xn--bro-hoa.example.com/", "xn--bro-hoa.example.com", 443, "/"),
}


@pytest.mark.parametrize(("url", "host", "port", "path"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_addresses_accepted_as_written(url: str, host: str, port: int, path: str) -> None:
    target = parse(url)
    assert (target.scheme, target.host, target.port, target.path) == ("https", host, port, path)


RESOLVED = {
    "loopback": ["127.0.0.1"],
    "private": ["10.1.2.3"],
    "metadata": ["169.254.169.254"],
    "Azure's host agent": ["168.63.129.16"],
    "v6 loopback": ["::1"],
    "mapped": ["::ffff:127.0.0.1"],
    "NAT64": ["64:ff9b::7f00:1"],
    "unique local": ["fd12:3456::1"],
    "public, and private as well": ["9.9.9.9", "10.1.2.3"],
    "private hidden behind v6": ["2620:fe::fe", "192.168.0.1"],
}


@pytest.mark.parametrize("addresses", RESOLVED.values(), ids=RESOLVED.keys())
def test_a_name_with_an_internal_address_is_refused(names: Answers, addresses: list[str]) -> None:
    names("hooks.example.com", *addresses)
    with pytest.raises(RefusedAddress):
        resolve(parse("https://hooks.example.com/"))


def test_a_public_name_resolves_to_its_addresses(names: Answers) -> None:
    names("hooks.example.com", "9.9.9.9", "2620:fe::fe", "9.9.9.9")
    found = resolve(parse("https://hooks.example.com/"))
    assert list(map(str, found)) == ["9.9.9.9", "2620:fe::fe"]


def test_a_name_without_an_address_is_unresolved(names: Answers) -> None:
    with pytest.raises(Unresolved, match=r"hooks\.example\.com"):
        resolve(parse("https://hooks.example.com/"))


# Addresses of metadata services and of Azure's host agent. Each of the last six is an IPv6 address that leads to one of
# the IPv4 addresses, for example through a NAT64 gateway.
FORBIDDEN = [
    "169.254.169.254",
    "168.63.129.16",
    "fd00:ec2::254",
    "fd20:ce::254",
    "169.254.170.2",
    "169.254.170.23",
    "fd00:ec2::23",
    "::ffff:169.254.169.254",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::168.63.129.16",
    "::169.254.169.254",
    "2002:a9fe:a9fe::1",
    "2001:0:4136:e378:8000:63bf:5601:5601",
]


def test_an_exempt_name_may_be_internal_but_not_a_metadata_service(names: Answers, settings: Any) -> None:
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = ["Hooks.LAN"]
    target = parse("http://hooks.lan:9000/x")
    names("hooks.lan", "10.1.2.3")
    assert list(map(str, resolve(target))) == ["10.1.2.3"]
    for forbidden in FORBIDDEN:
        names("hooks.lan", forbidden)
        with pytest.raises(RefusedAddress, match="credentials"):
            resolve(target)
    with pytest.raises(RefusedAddress):
        parse("http://other.lan/")


def test_an_exempt_network_covers_names_that_resolve_into_it(names: Answers, settings: Any) -> None:
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = ["10.20.0.0/16", "169.254.0.0/16"]
    names("hooks.example.com", "10.20.3.4")
    assert list(map(str, resolve(parse("https://hooks.example.com/")))) == ["10.20.3.4"]
    names("hooks.example.com", "10.21.3.4")
    with pytest.raises(RefusedAddress, match=r"10\.21\.3\.4"):
        resolve(parse("https://hooks.example.com/"))
    assert parse("http://10.20.1.1:8080/").port == 8080
    with pytest.raises(RefusedAddress):
        # HTTP is permitted only if the setting contains the URL's host. The resolved address is not enough.
        parse("http://hooks.example.com/")
    with pytest.raises(RefusedAddress, match="credentials"):
        resolve(parse("http://169.254.169.254/"))
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = ["64:ff9b::/96"]
    assert resolve(parse("http://[64:ff9b::10.1.1.1]/"))
    with pytest.raises(RefusedAddress, match="credentials"):
        resolve(parse("http://[64:ff9b::a9fe:a9fe]/"))


@pytest.mark.parametrize(
    "word", ["10.0.0.0/40", "a b", "https://x.example.com", "10.1.2.3/8", "[::1]", "0.0.0.0/0", "::/0"]
)
def test_an_invalid_exemption_prevents_the_start(settings: Any, word: str) -> None:
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = [word]
    with pytest.raises(ImproperlyConfigured, match="SURETY_WEBHOOK_ALLOWED_HOSTS"):
        NotifyConfig.create("portal.notify.apps.NotifyConfig").ready()


def test_a_missing_file_of_certificate_authorities_prevents_the_start(settings: Any, tmp_path: Any) -> None:
    settings.SURETY_WEBHOOK_CA_FILE = str(tmp_path / "missing.pem")
    with pytest.raises(ImproperlyConfigured, match="is not a file"):
        NotifyConfig.create("portal.notify.apps.NotifyConfig").ready()


def test_exemptions_match_exactly() -> None:
    listed = Exemptions.parse(["hooks.lan", "127.0.0.1", "fd00::/8"])
    assert listed.names == {"hooks.lan"}
    assert listed.contains(ip_address("127.0.0.1"))
    assert listed.contains(ip_address("fd12::1"))
    assert not listed.contains(ip_address("127.0.0.2"))
    assert not listed.contains(ip_address("::ffff:127.0.0.1"))


@pytest.mark.parametrize("address", ["9.9.9.9", "1.1.1.1", "20.50.2.10", "2620:fe::fe", "2a00:1450::1"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com/services/x",
        "https://prod-12.westeurope.logic.azure.com/workflows/x",
        "https://hooks.corp.example/x",
    ],
)
def test_receivers_on_the_operators_list_are_permitted(settings: Any, url: str) -> None:
    settings.SURETY_WEBHOOK_HOSTS = ["Hooks.Slack.com", ".logic.azure.com"]
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = ["hooks.corp.example"]
    assert parse(url).host in url


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/x",
        "https://hooks.slack.com.example.com/x",
        "https://evil-logic.azure.com/x",
        "https://logic.azure.com/x",
        "https://93.184.215.14/x",
    ],
)
def test_other_public_receivers_are_refused_if_there_is_a_list(settings: Any, url: str) -> None:
    settings.SURETY_WEBHOOK_HOSTS = ["hooks.slack.com", ".logic.azure.com"]
    with pytest.raises(RefusedAddress, match="SURETY_WEBHOOK_HOSTS"):
        parse(url)


# IANA IPv4 and IPv6 Special-Purpose Address Registries, including nested blocks, and the multicast blocks, as of
# November 2026. https://www.iana.org/assignments/iana-ipv4-special-registry,
# https://www.iana.org/assignments/iana-ipv6-special-registry
REGISTRIES = """
0.0.0.0/8 0.0.0.0/32 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.0.0/29
192.0.0.8/32 192.0.0.9/32 192.0.0.10/32 192.0.0.170/32 192.0.0.171/32 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24
192.88.99.0/24 192.88.99.2/32 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4
255.255.255.255/32 224.0.0.0/4 ::1/128 ::/128 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64
2001::/23 2001::/32 2001:1::1/128 2001:1::2/128 2001:1::3/128 2001:2::/48 2001:3::/32 2001:4:112::/48 2001:10::/28
2001:20::/28 2001:30::/28 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20 5f00::/16 fc00::/7 fe80::/10 ff00::/8
""".split()


@pytest.mark.parametrize("block", REGISTRIES)
def test_no_block_of_the_special_purpose_registries_is_public(block: str) -> None:
    network = ip_network(block)
    middle = network[network.num_addresses // 2]
    for address in (network[0], middle, network[-1]):
        assert not is_public(address), address
        shown = f"[{address}]" if address.version == 6 else str(address)
        with pytest.raises(RefusedAddress):
            parse(f"https://{shown}/hook")


@pytest.mark.parametrize(
    "address", ["2001:200::1", "2620:4f:7fff::1", "2620:4f:8001::1", "192.0.1.1", "100.128.0.1"]
)
def test_neighbours_of_special_blocks_are_public(address: str) -> None:
    assert is_public(ip_address(address))
