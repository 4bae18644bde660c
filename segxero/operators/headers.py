"""The headers that tell a browser what our answers may not be used for."""

ALWAYS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Not no-referrer: browsers then send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
BY_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}  # seconds: a year


def security_headers(*, is_secure: bool) -> dict[str, str]:
    """Return the headers of every answer; by plain http a browser must not be told to use https alone."""
    return {**ALWAYS, **(BY_HTTPS if is_secure else {})}
