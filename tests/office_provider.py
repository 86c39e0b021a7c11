"""The office's OpenID Connect provider: oidc-provider-mock, a separate process on this machine."""

import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry


class Provider:
    def __init__(self, port):
        command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
        self.url = f"http://localhost:{port}"
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.web = requests.Session()
        self.web.mount("http://", HTTPAdapter(max_retries=Retry(connect=10, backoff_factor=0.1)))  # until it is up

    def knows(self, sub, *, since=0, **said):
        """The provider says that it asked the person for the password `since` seconds ago, whether true or not."""
        said = {"auth_time": int(time.time()) - since, **said}
        self.web.put(f"{self.url}/users/{sub}", json=said).raise_for_status()

    def back(self, address, sub):
        """The address to which it sends the browser after the person has given name and password."""
        answer = self.web.post(address, {"sub": sub}, allow_redirects=False)
        return answer.headers["Location"].removeprefix("http://testserver")


@contextmanager
def running():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    provider = Provider(port)
    with provider.process, provider.web:
        yield provider
        provider.process.kill()


def switch_on(settings, url):
    """Set the settings as OIDC_ISSUER and the two variables beside it do."""
    settings.OIDC_ISSUER, settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = url, "bluezone", "secret"
    settings.OIDC_VERIFY_KID = False  # this provider has one key, without a name
