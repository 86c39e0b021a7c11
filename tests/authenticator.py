"""A phone with passkeys, as a program: it answers what the browser would pass on to it."""

import json
from hashlib import sha256

from cbor2 import dumps
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, HAS_KEY = 1, 4, 64  # flags


class Phone:
    def __init__(self, key_id=b"key-of-this-phone", origin="http://testserver"):
        self.key_id, self.origin, self.count = key_id, origin, 0
        self.key = ec.generate_private_key(ec.SECP256R1())

        point = self.key.public_key().public_numbers()
        self.public_key = dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})

    def added(self, question, **wrong):
        """The answer to the question for a new passkey."""
        made = bytes(16) + len(self.key_id).to_bytes(2, "big") + self.key_id + self.public_key
        told = {"fmt": "none", "attStmt": {}, "authData": self._state(question["rp"]["id"], HAS_KEY, **wrong) + made}
        return self._answer({"clientDataJSON": self._client("create", question), "attestationObject": dumps(told)})

    def signed(self, question, **wrong):
        """The answer to the question for a signature."""
        client, state = self._client("get", question), self._state(question["rpId"], 0, **wrong)
        signature = self.key.sign(state + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer({"clientDataJSON": client, "authenticatorData": state, "signature": signature})

    def _client(self, act, question):
        told = {"type": f"webauthn.{act}", "challenge": question["challenge"], "origin": self.origin}
        return json.dumps(told).encode()

    def _state(self, host, flags, *, is_verified=True, count=None):
        self.count += 1
        flags |= PRESENT | (VERIFIED if is_verified else 0)
        return sha256(host.encode()).digest() + bytes([flags]) + (count or self.count).to_bytes(4, "big")

    def _answer(self, response):
        name = bytes_to_base64url(self.key_id)
        texts = {part: bytes_to_base64url(value) for part, value in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": texts})
