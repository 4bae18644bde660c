"""Encryption at rest: tokens in Redis can be read with SEGXERO_SECRET_KEY only."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Cipher:
    """Seals texts with the first of *secrets* and opens them with any; any text can be a key."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        fernets = [Fernet(_fernet_key(secret)) for secret in secrets]
        self._first = fernets[0]
        self._all = MultiFernet(fernets)

    def seal(self, text: str) -> str:
        return self._all.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """Return the text, or None when no key opens it."""
        try:
            return self._all.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    def is_current(self, sealed: str) -> bool:
        """Tell whether the first key has sealed it."""
        try:
            self._first.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True


def _fernet_key(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"segxero tokens").derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
