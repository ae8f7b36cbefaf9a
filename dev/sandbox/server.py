"""The HTTP server: loopback only, keep-alive, one thread per connection.

The standard library's, because faults need the socket itself.
"""

import contextlib
import http.server
import json
import socket
import socketserver
import threading
import urllib.parse

from . import hours, masterdata, months
from .api import Api, Reply
from .control import SandboxControl
from .page import render_page
from .state import Options, State
from .switches import Panel

# Their handlers register themselves on import.
HANDLERS = (hours, masterdata, months)
LOOPBACK = ("127.0.0.1", "localhost")
LONGEST_BODY = 20_000_000
POLL = 0.01  # seconds that stopping may take


def _hang_up(connection):
    with contextlib.suppress(OSError):  # The other side may be quicker.
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Header and body leave in one piece: otherwise every answer on a kept connection
    # waits for a delayed acknowledgement.
    wbufsize = 65_536
    disable_nagle_algorithm = True

    def _serve(self):
        body = self._body()
        # The header closes the connection on both sides.
        too_odd = Reply(411, b"", {"Connection": "close"})
        self._send(too_odd if body is None else self._route(body))

    do_GET = do_POST = do_PUT = do_DELETE = _serve
    do_PATCH = do_HEAD = do_OPTIONS = _serve

    def _body(self):
        length = self.headers.get("Content-Length", "0")
        chunked = "Transfer-Encoding" in self.headers
        if chunked or not length.isdigit() or int(length) > LONGEST_BODY:
            return None
        return self.rfile.read(int(length))

    def _route(self, body):
        sandbox = self.server.sandbox
        if self.path.startswith("/v2/"):
            target = self.path.removeprefix("/v2")
            return sandbox.api.handle(self.command, target, self.headers, body)
        if not self._is_local():
            return Reply(403, b"Loopback only.", {"Content-Type": "text/plain"})
        if self.command == "POST" and self.path.startswith("/control/"):
            name = self.path.removeprefix("/control/")
            status, value = sandbox.panel.handle(name, body)
            headers = {"Content-Type": "application/json"}
            return Reply(status, json.dumps(value).encode(), headers)
        if self.command == "GET" and self.path == "/":
            headers = {"Content-Type": "text/html;charset=UTF-8"}
            page = render_page(sandbox.state, sandbox.base_url)
            return Reply(200, page.encode(), headers)
        return Reply(404, b"Not found.", {"Content-Type": "text/plain"})

    def _is_local(self):
        # Keeps other web sites in the same browser from pressing the buttons.
        hosts = [self.headers.get("Host", "")]
        origin = self.headers.get("Origin")
        if origin:
            hosts.append(urllib.parse.urlsplit(origin).netloc)
        return all(host.rpartition(":")[0] in LOOPBACK for host in hosts)

    def _send(self, reply):
        if reply.drop or reply.cut:
            self.close_connection = True
        if reply.drop:
            return _hang_up(self.connection)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        payload = reply.payload
        if reply.status != 204:
            self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if reply.cut:
            self.wfile.write(payload[: len(payload) // 2])
            self.wfile.flush()
            _hang_up(self.connection)
        elif self.command != "HEAD":
            self.wfile.write(payload)

    def log_message(self, format, *args):
        pass  # The stand-in keeps its own log.


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port, sandbox):
        self.sandbox = sandbox
        self._connections = set()
        super().__init__(("127.0.0.1", port), _Handler)

    # The base class would look up the machine's name.
    server_bind = socketserver.TCPServer.server_bind

    def get_request(self):
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request):
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        pass  # A client that went away in mid-answer is no news here.

    def close_connections(self):
        """Hang up on everybody: kept connections would outlive the server."""
        for connection in list(self._connections):
            _hang_up(connection)


class SandboxServer:
    """The stand-in Tripletex, in this process: a context manager, or start and stop.

    ``port`` 0 takes a free one; the other arguments are those of ``Options``.
    """

    def __init__(self, port=0, **options):
        self.state = State(Options(**options))
        self.api = Api(self.state)
        self.panel = Panel(self.state)
        self._server = _Server(port, self)
        self._thread = None

    @property
    def port(self):
        return self._server.server_address[1]

    @property
    def root_url(self):
        """The address of the page and of /control."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self):
        """The address of the API, including /v2."""
        return f"{self.root_url}/v2"

    @property
    def control(self):
        """A SandboxControl on this server."""
        return SandboxControl(self.root_url)

    def reset(self):
        self.state.reset()

    def start(self):
        """Serve in a thread; returns self."""
        serve = self._server.serve_forever
        self._thread = threading.Thread(target=serve, args=(POLL,), daemon=True)
        self._thread.start()
        return self

    def stop(self):
        """Stop serving and hang up on every client, slow answers included."""
        self.api.stopped.set()
        self.go_away()

    def go_away(self):
        """Stop listening and hang up on every client; what is held stays."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.server_close()
        self._server.close_connections()

    def come_back(self):
        """Listen on the same port again after :meth:`go_away`; returns self."""
        self._server = _Server(self.port, self)
        return self.start()

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc_info):
        self.stop()
