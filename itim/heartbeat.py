"""Signs of life of worker and beat, kept in Redis. Light: beat, which has no Django apps, imports it."""

import time

import redis
from django.conf import settings

INTERVAL = 10  # seconds between two signs of life
LIMIT = 45  # seconds after which a sign of life is too old
KEYS = {"worker": "itim:heartbeat:worker", "beat": "itim:heartbeat:beat"}


def client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2)


def sign_of_life(part: str) -> None:
    """Note that `part` works now. A broker that is away is the broker's problem, not the caller's."""
    try:
        with client() as connected:
            connected.set(KEYS[part], time.time(), ex=86_400)
    except redis.RedisError:
        return
