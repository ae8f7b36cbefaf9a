"""Trouble on the way: lost connections, waits, redirects, addresses."""

import json
import socket
import threading

import pytest
import requests
from client_case import (
    BASE,
    ENTRIES_URL,
    ENTRY,
    HTML,
    ROW_URL,
    SALARY_ROW,
    SESSION,
    VALUES,
    client,
    refusal_of,
    refused_creation,
)

import tools


class Port:
    """A loopback port that treats each connection as ``behave`` says."""

    def __init__(self, behave):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connections = 0
        self.behave = behave
        self.open = []
        self.requests = []
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                connection, _peer = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self.open.append(connection)
            self.requests.append(connection.recv(65536))
            self.behave(connection)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.open:
            connection.close()

    def client(self, **kwargs):
        return client(f"http://127.0.0.1:{self.port}/v2", **kwargs)


def test_a_connection_that_was_never_made_is_clear():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        one = client(f"http://127.0.0.1:{listener.getsockname()[1]}/v2")
    error = refusal_of(lambda: one.create_entries([VALUES]))
    assert type(error) is tools.NoConnection
    assert error.unclear is False


def test_a_write_is_sent_once_and_its_lost_answer_is_unclear():
    with Port(lambda connection: connection.close()) as port:
        error = refusal_of(lambda: port.client().create_entries([VALUES]))
    assert type(error) is tools.NoConnection
    assert error.unclear is True
    assert port.connections == 1


def test_a_read_is_repeated_a_few_times_and_then_given_up():
    with Port(lambda connection: connection.close()) as port:
        error = refusal_of(lambda: port.client().get_salary_row(7))
    assert type(error) is tools.NoConnection
    assert error.unclear is False
    assert port.connections == 3


@pytest.mark.parametrize("status", ["429 Too Many", "503 Unavailable"])
def test_no_wait_is_slept_through_inside_the_library(status, monkeypatch):
    def wait(connection):
        head = f"HTTP/1.1 {status}\r\nRetry-After: 7\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        connection.close()

    slept = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", slept.append)
    with Port(wait) as port:
        error = refusal_of(lambda: port.client().get_salary_row(7))
    assert isinstance(error, tools.TryLater)
    assert port.connections == (1 if status.startswith("429") else 3)
    assert sum(slept) < 2


def test_no_answer_in_time():
    with Port(lambda connection: None) as port:
        one = port.client(timeout=(5, 0.1))
        error = refusal_of(lambda: one.create_entries([VALUES]))
    assert type(error) is tools.NoConnection
    assert error.unclear is True
    assert port.connections == 1


def test_an_answer_that_is_cut_off():
    def cut(connection):
        head = b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n"
        connection.sendall(head + b'{"value": {"id"')
        connection.close()

    with Port(cut) as port:
        error = refusal_of(lambda: port.client().create_entries([VALUES]))
    assert type(error) is tools.BrokenAnswer
    assert error.unclear is True


def test_something_that_does_not_speak_http():
    def babble(connection):
        connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        connection.close()

    with Port(babble) as port:
        error = refusal_of(lambda: port.client().create_entries([VALUES]))
    assert isinstance(error, tools.TryLater)
    assert error.unclear is True


def test_no_cookie_is_carried_over():
    def answer(connection):
        body = json.dumps({"value": SALARY_ROW}).encode()
        head = "HTTP/1.1 200 OK\r\nSet-Cookie: JSESSIONID=1; Path=/\r\n"
        head += f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        connection.close()

    with Port(answer) as port:
        one = port.client()
        one.get_salary_row(SALARY_ROW["id"])
        one.get_salary_row(SALARY_ROW["id"])
    assert len(port.requests) == 2
    assert not [r for r in port.requests if b"cookie" in r.lower()]


@pytest.mark.parametrize(
    ("problem", "kind", "unclear"),
    [
        (requests.exceptions.ConnectTimeout(), tools.NoConnection, False),
        (requests.exceptions.ReadTimeout(), tools.NoConnection, True),
        (requests.exceptions.SSLError(), tools.NoConnection, True),
        (requests.exceptions.ContentDecodingError(), tools.BrokenAnswer, True),
        (OSError("no such device"), tools.NoConnection, True),
    ],
)
def test_failures_of_the_library_are_sorted(net, problem, kind, unclear):
    net.post(ENTRIES_URL, body=problem)
    error = refused_creation()
    assert type(error) is kind
    assert error.unclear is unclear


def test_reads_repeat_on_502_and_writes_do_not(net):
    net.get(f"{ROW_URL}/{SALARY_ROW['id']}", body=HTML, status=502)
    net.get(f"{ROW_URL}/{SALARY_ROW['id']}", json={"value": SALARY_ROW})
    assert client().get_salary_row(SALARY_ROW["id"])["count"] == 2.0
    net.post(ENTRIES_URL, body=HTML, status=502)
    net.post(ENTRIES_URL, json={"values": [ENTRY]}, status=201)
    assert type(refused_creation()) is tools.ServerTrouble


@pytest.mark.parametrize(
    "address",
    [
        "http://tripletex.no/v2",
        "http://127.0.0.1.example.com/v2",
        "http://10.0.0.1/v2",
        "ftp://tripletex.no/v2",
        "tripletex.no/v2",
        "https://user:password@tripletex.no/v2",
        "https://tripletex.no/v2?x=1",
        "https://tripletex.no/v2#x",
        "https://tripletex.no/ v2",
        "https://[::1/v2",
        "https://tripletex.no:port/v2",
        "https:///v2",
        "",
        None,
    ],
)
def test_addresses_that_would_carry_tokens_unprotected_are_refused(address):
    with pytest.raises(ValueError) as caught:
        tools.TripletexClient(address, "consumer", "employee")
    assert "password" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "https://tripletex.no/v2/",
        "http://127.0.0.1:8080/v2",
        "http://[::1]:8080/v2",
        "http://localhost/v2",
    ],
)
def test_good_addresses_are_taken(address):
    with tools.TripletexClient(address, "consumer", "employee") as client:
        assert client._transport.base_url == address.rstrip("/")


def test_a_redirect_is_not_followed(net):
    net.post(
        f"{BASE}/token/session/:create",
        status=307,
        headers={"Location": "https://elsewhere.example/v2/token/session/:create"},
    )
    net.post("https://elsewhere.example/v2/token/session/:create", json=SESSION)
    assert type(refused_creation(session=False)) is tools.BrokenAnswer
    assert len(net.calls) == 1
