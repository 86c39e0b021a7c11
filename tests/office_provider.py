"""The office's provider of OpenID Connect: oidc-provider-mock, a process of its own on this machine."""

import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

PATIENCE = 30  # seconds until it answers


@dataclass(frozen=True)
class Provider:
    url: str
    process: subprocess.Popen

    def knows(self, sub, *, since=0, **said):
        """It has asked the person for the password `since` seconds ago, and says so much of him, true or not."""
        said = {"auth_time": int(time.time()) - since, **said}
        requests.put(f"{self.url}/users/{sub}", json=said, timeout=PATIENCE).raise_for_status()

    def back(self, address, sub):
        """Whither it sends the browser in which the person has given his name and password."""
        answer = requests.post(address, {"sub": sub}, timeout=PATIENCE, allow_redirects=False)
        parts = urlsplit(answer.headers["Location"])
        return f"{parts.path}?{parts.query}"


@contextmanager
def running():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _try in range(PATIENCE * 10):
                with socket.socket() as connection:
                    if connection.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield Provider(f"http://localhost:{port}", process)
        finally:
            process.kill()


def switch_on(settings, url):
    """As OIDC_ISSUER and the two lines beside it do."""
    settings.OIDC_ISSUER, settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = url, "bluezone", "secret"
    settings.OIDC_VERIFY_KID = False  # this provider has one key, and does not name it
