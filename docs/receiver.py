"""A small receiver of webhooks: it checks signature and age, takes each event once, and prints it.

SECRET=whsec_... python docs/receiver.py 8099
"""

import base64
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

OLDEST = 300  # seconds: what is older may have been recorded and sent again by somebody else


def is_genuine(secret, headers, body, now):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    name, moment = headers["webhook-id"], headers["webhook-timestamp"]
    signed = f"{name}.{moment}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    given = headers["webhook-signature"].split()
    return any(hmac.compare_digest(wanted, one) for one in given) and abs(now - int(moment)) <= OLDEST


class Receiver(BaseHTTPRequestHandler):
    secret, seen, take = os.environ.get("SECRET", ""), set(), staticmethod(print)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_ours = is_genuine(self.secret, self.headers, body, time.time())
        if is_ours and self.headers["webhook-id"] not in self.seen:
            self.seen.add(self.headers["webhook-id"])
            self.take(json.loads(body))
        self.send_response(204 if is_ours else 401)
        self.end_headers()


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
