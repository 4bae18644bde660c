"""The hook: texts for a webhook that takes Slack's JSON, sent from a thread of its own."""

import logging
from concurrent.futures import ThreadPoolExecutor

import requests

log = logging.getLogger(__name__)

TIMEOUT = (3, 5)  # seconds to connect, to answer
MOST_WAITING = 100  # texts; while so many wait, further texts are dropped: the log has them as well


class Hook:
    """Posts to *url*, a secret; a failure is a line in the log and harms nobody."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="alert-hook")
        self._waiting = 0

    def send(self, text: str) -> None:
        """Send *text* soon; the caller does not wait."""
        if self._waiting >= MOST_WAITING:
            log.warning("alert_hook_full")
            return
        self._waiting += 1
        self._sender.submit(self._post, text)

    def _post(self, text: str) -> None:
        try:
            answer = requests.post(self._url, json={"text": text}, timeout=TIMEOUT, allow_redirects=False)
            if not answer.ok or answer.is_redirect:
                log.warning("alert_hook_refused", extra={"status": answer.status_code})
        except requests.RequestException as error:
            log.warning("alert_hook_failed", extra={"error": type(error).__name__})
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Wait until everything is sent or has failed."""
        self._sender.shutdown()
