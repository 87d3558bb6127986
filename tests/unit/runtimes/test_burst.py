"""A burst over real sockets, against a server of the test's own that answers as it is told."""

import socket
from threading import Thread

import pytest

from chaoskit.clock import MonotonicClock
from chaoskit.errors import StackError
from chaoskit.runtimes.wan import burst
from chaoskit.runtimes.wan.burst import SOCKETS, Burst, Request


class Answering:
    """Answers every request with ``status`` in pieces, so that answers are torn and glued; keeps what it was sent."""

    def __init__(self):
        self.status, self.silent, self.heard = 200, False, []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._socks: list[socket.socket] = []
        self._threads = [Thread(target=self._accept)]
        self._threads[0].start()

    def hang_up(self):
        for sock in self._socks:
            sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join(5)

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join(5)
        for sock in self._socks:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        for thread in self._threads[1:]:
            thread.join(5)
        for sock in (*self._socks, self._listener):
            sock.close()

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._socks.append(sock)
            self._threads.append(Thread(target=self._serve, args=(sock,)))
            self._threads[-1].start()

    def _serve(self, sock):
        buffer = b""
        while data := sock.recv(4096):
            buffer += data
            while b"\r\n\r\n" in buffer:  # the requests here have no body
                head, buffer = buffer.split(b"\r\n\r\n", 1)
                self.heard.append((sock.fileno(), head.split()[1].decode()))
                if self.silent:
                    continue
                answer = b"HTTP/1.1 %d X\r\nContent-Length: 5\r\n\r\nhello" % self.status
                sock.sendall(answer[:20])
                sock.sendall(answer[20:])


@pytest.fixture
def server():
    server = Answering()
    yield server
    server.close()


@pytest.fixture
def sender(server):
    sender = Burst(server.port, MonotonicClock().now_ns)
    yield sender
    sender.close()


def requests(count, proxies=7):
    return [Request(method="GET", path=f"/{n % proxies}/{n:03}", proxy=str(n % proxies)) for n in range(count)]


def test_every_request_is_sent_once_and_those_of_a_proxy_in_order_on_one_socket(server, sender):
    first_ns, last_ns = sender.fire(requests(100))
    assert first_ns <= last_ns
    assert sorted(path for _, path in server.heard) == sorted(request.path for request in requests(100))
    for proxy in range(7):
        mine = [(sock, path) for sock, path in server.heard if path.startswith(f"/{proxy}/")]
        assert len({sock for sock, _ in mine}) == 1
        assert [path for _, path in mine] == sorted(path for _, path in mine)
    assert len({sock for sock, _ in server.heard}) == SOCKETS


def test_an_empty_burst_is_an_instant(sender):
    first_ns, last_ns = sender.fire([])
    assert first_ns <= last_ns


def test_sockets_that_the_server_closed_meanwhile_are_opened_anew(server, sender):
    sender.fire(requests(8))
    server.hang_up()
    sender.fire(requests(8))
    assert len(server.heard) == 16


def test_a_refused_update_is_an_error_that_names_it(server, sender):
    server.status = 404
    with pytest.raises(StackError) as refused:
        sender.fire(requests(3))
    assert "3 updates" in refused.value.what
    assert "GET /0/000: 404 hello" in refused.value.why


def test_an_update_that_an_earlier_attempt_had_done_is_no_error(server, sender):
    server.status = 404
    sender.fire([Request(method="DELETE", path="/gone", proxy="p", done_already=404)])
    assert [path for _, path in server.heard] == ["/gone"]


def test_a_server_that_does_not_answer_is_an_error_at_the_deadline(server, sender, monkeypatch):
    monkeypatch.setattr(burst, "TIMEOUT_S", 0.1)
    server.silent = True
    with pytest.raises(StackError, match="did not take an update"):
        sender.fire(requests(3))


def test_a_server_that_is_not_there_is_an_error_of_the_environment():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(StackError, match="did not take an update") as failed:
        Burst(port, MonotonicClock().now_ns).fire(requests(3))
    assert "refused" in failed.value.why
