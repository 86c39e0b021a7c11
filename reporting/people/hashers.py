"""Django's slow hash, behind the gate."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from .. import gate


class GatedHasher(PBKDF2PasswordHasher):
    """Hashing takes a seventh of a second of a core, whatever asks for it. Raises `gate.Busy`."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        with gate.turn(gate.HASH):
            return super().encode(password, salt, iterations)
