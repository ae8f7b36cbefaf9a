"""Answers without end: each ends as a temporary failure, and in bounded memory."""

import itertools
import json
import socket
import threading
import time
import tracemalloc
import zlib

import pytest
from client_case import SALARY_ROW, VALUES, client, refusal_of

import tools
from tools import bounds

MEBIBYTE = 2**20
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
#: More parts than any test reads: who gets to the end was not stopped.
MANY = 5000


class Endless:
    """A loopback port that answers each request with ``parts``, bytes by bytes.

    ``pause``: seconds after each part. ``finished``: answers that were sent whole.
    """

    def __init__(self, parts, pause=0.0):
        self.parts, self.pause = parts, pause
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.requests = self.finished = 0
        self.threads = [threading.Thread(target=self._run, daemon=True)]
        self.threads[0].start()

    def _run(self):
        while True:
            try:
                connection, _peer = self.listener.accept()
            except OSError:
                return
            self.requests += 1
            thread = threading.Thread(target=self._answer, args=[connection])
            self.threads.append(thread)
            thread.start()

    def _answer(self, connection):
        with connection:
            connection.recv(65536)
            try:
                for part in self.parts():
                    connection.sendall(part)
                    time.sleep(self.pause)
            except OSError:
                return
            self.finished += 1

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join()

    def client(self, **kwargs):
        return client(f"http://127.0.0.1:{self.listener.getsockname()[1]}/v2", **kwargs)


def read(one):
    return one.get_salary_row(7)


def write(one):
    return one.create_entries([VALUES])


def slow_body():
    yield HEAD + b"Content-Length: 100000\r\n\r\n"
    yield from itertools.repeat(b" ", MANY)


def slow_chunks():
    yield CHUNKED
    yield from itertools.repeat(b"1\r\n \r\n", MANY)


def slow_status_line():
    yield b"HTTP/1.1 200 "
    yield from itertools.repeat(b"K", MANY)


def slow_headers():
    yield HEAD
    yield from itertools.repeat(b"X: 1\r\n", 50)
    yield b"Y: "
    yield from itertools.repeat(b"1", MANY)


def continuing():
    yield from itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n", MANY)


@pytest.mark.parametrize("call", [read, write])
@pytest.mark.parametrize(
    "parts", [slow_body, slow_chunks, slow_status_line, slow_headers, continuing]
)
def test_slow_answer_ends_when_the_call_has_taken_its_seconds(parts, call, monkeypatch):
    monkeypatch.setattr(bounds, "LONGEST_CALL", 0.3)
    with Endless(parts, pause=0.01) as server:
        error = refusal_of(lambda: call(server.client(timeout=(5, 5))))
        assert type(error) is tools.NoConnection
        assert error.unclear is (call is write)
    assert server.finished == 0
    assert server.requests == 1


def test_seconds_of_a_call_include_its_repetitions(monkeypatch):
    monkeypatch.setattr(bounds, "LONGEST_CALL", 0.3)
    with Endless(lambda: itertools.repeat(b"", 100), pause=0.01) as server:
        error = refusal_of(lambda: read(server.client(timeout=(5, 0.2))))
    assert type(error) is tools.NoConnection
    assert server.requests < 3


def packed(blocks):
    """Return the parts of a gzip of so many MiB of white space, about 1 KiB each."""
    packer = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    first = packer.compress(b" " * MEBIBYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    # after a full flush the same text is the same bytes, whatever stands before it
    again = packer.compress(b" " * MEBIBYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    head = HEAD + b"Content-Encoding: gzip\r\n"
    yield head + b"Content-Length: %d\r\n\r\n" % (len(first) + len(again) * blocks)
    yield first
    yield from itertools.repeat(again, blocks)


def packed_twice():
    yield HEAD + b"Content-Encoding: gzip, gzip\r\nContent-Length: 5\r\n\r\n" + b"12345"


def big_body():
    yield HEAD + b"\r\n"
    yield from itertools.repeat(b" " * MEBIBYTE, 4096)


def big_chunks():
    yield CHUNKED
    chunk = b"%x\r\n" % MEBIBYTE + b" " * MEBIBYTE + b"\r\n"
    yield from itertools.repeat(chunk, 4096)


def big_chunk_size():
    yield CHUNKED
    yield from itertools.repeat(b"0" * MEBIBYTE, 4096)


def big_trailers():
    yield CHUNKED + b"0\r\n"
    yield from itertools.repeat(b"X: " + b"1" * MEBIBYTE + b"\r\n", 4096)


def many_values():
    body = b'{"values":[' + b"{}," * (20 * MEBIBYTE) + b"{}]}"
    yield HEAD + b"Content-Length: %d\r\n\r\n" % len(body)
    yield body


@pytest.mark.parametrize(
    "parts",
    [
        lambda: packed(4096),
        packed_twice,
        big_body,
        big_chunks,
        big_chunk_size,
        big_trailers,
        many_values,
    ],
    ids="packed packed_twice body chunks chunk_size trailers values".split(),
)
def test_large_answer_ends_in_bounded_memory(parts):
    """As many bytes as an answer may have, and some copies of them."""
    with Endless(parts) as server:
        tracemalloc.start()
        try:
            error = refusal_of(lambda: write(server.client()))
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert type(error) is tools.BrokenAnswer
    assert error.unclear is True
    assert peak < 5 * bounds.LARGEST_ANSWER


@pytest.mark.parametrize("text", ['{"value":', "[", '{"value":[{"id":'])
def test_deeply_nested_answer_is_a_temporary_failure(text):
    body = text.encode() * 100_000
    body += b"0" + b"]}"[: len(text) % 2 + 1] * 100_000

    def parts():
        yield HEAD + b"Content-Length: %d\r\n\r\n" % len(body)
        yield body

    with Endless(parts) as server:
        error = refusal_of(lambda: write(server.client()))
    assert type(error) is tools.BrokenAnswer
    assert error.unclear is True


def test_packed_answer_is_read():
    body = json.dumps({"value": SALARY_ROW}).encode()
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    body = packer.compress(body) + packer.flush()

    def parts():
        head = HEAD + b"Content-Encoding: gzip\r\n"
        yield head + b"Content-Length: %d\r\n\r\n" % len(body)
        yield body

    with Endless(parts) as server:
        assert server.client().get_salary_row(SALARY_ROW["id"])["count"] == 2.0


def test_packed_answer_that_is_cut_off_is_a_temporary_failure():
    body = json.dumps({"value": SALARY_ROW}).encode()
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    body = packer.compress(body) + packer.flush()

    def parts():
        yield HEAD + b"Content-Encoding: gzip\r\nContent-Length: 20\r\n\r\n"
        yield body[:20]

    with Endless(parts) as server:
        error = refusal_of(lambda: server.client().get_salary_row(SALARY_ROW["id"]))
    assert type(error) is tools.BrokenAnswer
