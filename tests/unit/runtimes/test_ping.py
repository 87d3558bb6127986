"""One round trip through a port, whatever answers there."""

import socket
from threading import Thread

import pytest

from chaoskit.clock import MonotonicClock
from chaoskit.runtimes.wan.ping import HTTP_REQUEST, SSL_REQUEST, ping


@pytest.fixture
def server():
    """Answers the request that it is told of with one byte, and nothing else; a port."""
    listener, heard = socket.create_server(("127.0.0.1", 0)), []

    def serve():
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with sock:
                heard.append(sock.recv(100))
                if heard[-1] in (SSL_REQUEST, HTTP_REQUEST):
                    sock.sendall(b"N")
                else:
                    sock.recv(1)

    thread = Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1], heard
    listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
    listener.close()


def asked(calls, timeout_s=1.0):
    return ping(calls, timeout_s=timeout_s, now_ns=MonotonicClock().now_ns)


@pytest.mark.parametrize("request_bytes", [SSL_REQUEST, HTTP_REQUEST], ids=["postgres", "http"])
def test_each_port_is_asked_its_own_question(server, request_bytes):
    port, heard = server
    assert asked({"it": (port, request_bytes)})["it"] > 0
    assert heard == [request_bytes]


def test_silence_and_refusal_are_no_answer(server):
    port, _ = server
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        calls = {"silent": (port, b"something else"), "refused": (closed.getsockname()[1], SSL_REQUEST)}
        assert asked(calls, timeout_s=0.2) == {"silent": None, "refused": None}
