"""The whole suite runs without network: whatever leaves this machine is refused, and fails."""

import ipaddress
import socket
import sys

import pytest

ATTEMPTS: list[str] = []


def is_local(host: object) -> bool:
    """Tell whether a host is this machine; asks no name server."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in (None, "", "localhost", socket.gethostname()):
        return True
    try:
        address = ipaddress.ip_address(str(host).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _refuse(event: str, args: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        asked, address = args
        if not isinstance(address, tuple) or is_local(address[0]):
            return
        # A datagram socket that connects sends nothing: dask asks for its own address in this way.
        silent = event == "socket.connect" and asked.type == socket.SOCK_DGRAM  # type: ignore
        host = str(address[0])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host, silent = str(args[0]), False
        if is_local(args[0]):
            return
    else:
        return
    if not silent:
        ATTEMPTS.append(f"{event} {host}")
    raise ConnectionRefusedError(f"the tests run without network, and something asks for {host}")


sys.addaudithook(_refuse)


@pytest.fixture(autouse=True)
def no_network():
    """Fail a test that asked for another machine, even if it caught the refusal."""
    ATTEMPTS.clear()
    yield ATTEMPTS
    assert not ATTEMPTS, f"a test without network asked for: {ATTEMPTS}"
