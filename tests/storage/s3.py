"""An S3 server on loopback, and a proxy before it that does harm on demand."""

from __future__ import annotations

import http.client
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Harm = Literal["500", "drop", "cut", "kill before", "kill after", "hang"] | None

VARIABLES = {
    "AWS_ACCESS_KEY_ID": "id",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_REGION": "us-east-1",
    "NO_PROXY": "127.0.0.1",
    "no_proxy": "127.0.0.1",
}
"""What the client reads from its environment."""


@contextmanager
def server(bucket: str = "bucket") -> Iterator[str]:
    """Run moto's server with an empty bucket; its address."""
    import boto3
    from moto.server import ThreadedMotoServer

    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    try:
        _, port = running.get_host_and_port()
        address = f"http://127.0.0.1:{port}"
        client = boto3.client(
            "s3",
            endpoint_url=address,
            region_name="us-east-1",
            aws_access_key_id="id",
            aws_secret_access_key="secret",
        )
        client.create_bucket(Bucket=bucket)
        client.close()
        yield address
    finally:
        running.stop()


class Proxy:
    """Passes requests on to `target`; `harm(number, method, path)` says what is done to one.

    Attributes:
        requests: (method, path) of every request, in order.
        victim: the process that dies by "kill before" (its request is not passed on) and "kill
            after" (its request is, and not answered).
    """

    def __init__(self, target: str) -> None:
        self.target = target.removeprefix("http://")
        self.requests: list[tuple[str, str]] = []
        self.harm: Callable[[int, str, str], Harm] = lambda number, method, path: None
        self.victim: Callable[[], int] = os.getpid
        self._lock, self._over = threading.Lock(), threading.Event()

    @contextmanager
    def run(self) -> Iterator[str]:
        """Serve; the proxy's address."""
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except (ConnectionError, ValueError):
                    self.close_connection = True

            def log_message(self, *arguments: Any) -> None:
                pass

            def answer(self) -> None:
                proxy._answer(self)

            do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = answer  # noqa: N815

        running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        running.daemon_threads = True
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_address[1]}"
        finally:
            self._over.set()
            running.shutdown()
            thread.join()
            running.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("content-length") or 0))
        with self._lock:
            self.requests.append((request.command, request.path))
            harm = self.harm(len(self.requests), request.command, request.path)
        if harm == "kill before":
            os.kill(self.victim(), signal.SIGKILL)
        if harm == "hang":
            self._over.wait()
        if harm in ("kill before", "drop", "hang"):
            request.close_connection = True
            return
        if harm == "500":
            request.send_response(500)
            request.send_header("content-length", "0")
            request.end_headers()
            return
        status, headers, content = self._pass_on(request, body)
        if harm == "kill after":
            os.kill(self.victim(), signal.SIGKILL)
            request.close_connection = True
            return
        request.send_response(status)
        for name, value in headers:
            if name.lower() not in ("transfer-encoding", "connection", "server", "date"):
                request.send_header(name, value)
        request.end_headers()
        if harm == "cut":
            request.wfile.write(content[: len(content) // 2])
            request.close_connection = True
        else:
            request.wfile.write(content)

    def _pass_on(
        self, request: BaseHTTPRequestHandler, body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(self.target)
        try:
            headers = {k: v for k, v in request.headers.items() if k.lower() != "connection"}
            connection.request(request.command, request.path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()
