"""Security headers, added to every answer by receiver/answers.py."""

ALWAYS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Not no-referrer, because browsers would then send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
BY_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}  # seconds: a year


def security_headers(*, is_secure: bool) -> dict[str, str]:
    """Return the headers for an answer. HSTS is left out for plain http, where it must not be sent."""
    return {**ALWAYS, **(BY_HTTPS if is_secure else {})}
