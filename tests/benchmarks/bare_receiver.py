"""The yardstick of the receiver: a Flask app that pushes each body to a list in Redis and does nothing else."""

import os

from flask import Flask, Response, jsonify, request

from segxero.store.client import connect
from tests.benchmarks.load import PATH

LIST = "bare"


def create_app() -> Flask:
    """Make the app around the Redis of REDIS_URL."""
    store = connect(os.environ["REDIS_URL"])
    app = Flask(__name__)

    @app.post(PATH)
    def receive() -> Response:
        store.rpush(LIST, request.get_data())
        return jsonify(accepted=1)

    return app
