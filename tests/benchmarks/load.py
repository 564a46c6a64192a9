"""Load from one client on loopback: a fixed pace for latency, a closed loop for throughput; both end by themselves."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx

from tests.benchmarks.account import Post

SECONDS_PER_REQUEST = 30


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of a run: seconds a request, and requests a second of wall time."""

    latencies: tuple[float, ...]
    rate: float
    failures: int

    def quantile(self, part: float) -> float:
        """The latency that `part` of the requests stayed under."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


def at_pace(url: str, make: Callable[[int], Post], *, each_second: int, count: int) -> Figures:
    """Send `count` posts, one every 1/`each_second` s whatever the answers do; posts are made as they are needed."""
    return asyncio.run(_at_pace(url, make, each_second, count))


def at_full_speed(url: str, posts: Sequence[Post], *, clients: int) -> Figures:
    """Send all posts as fast as `clients` waiting loops can."""
    return asyncio.run(_at_full_speed(url, posts, clients))


async def _at_pace(url: str, make: Callable[[int], Post], each_second: int, count: int) -> Figures:
    latencies: list[float] = []
    failures = 0

    async def send(client: httpx.AsyncClient, post: Post) -> None:
        nonlocal failures
        began = time.perf_counter()
        answer = await client.post(url, params=post.query, content=post.body)
        latencies.append(time.perf_counter() - began)
        failures += answer.status_code != httpx.codes.OK

    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100, keepalive_expiry=2)
    async with httpx.AsyncClient(timeout=SECONDS_PER_REQUEST, limits=limits) as client:
        started = time.perf_counter()
        tasks = []
        for number in range(count):
            post = make(number)
            await asyncio.sleep(max(0.0, started + number / each_second - time.perf_counter()))
            tasks.append(asyncio.create_task(send(client, post)))
        await asyncio.gather(*tasks)
        return Figures(tuple(latencies), count / (time.perf_counter() - started), failures)


async def _at_full_speed(url: str, posts: Sequence[Post], clients: int) -> Figures:
    latencies: list[float] = []
    failures = 0
    waiting = iter(posts)

    async def loop(client: httpx.AsyncClient) -> None:
        nonlocal failures
        for post in waiting:
            began = time.perf_counter()
            answer = await client.post(url, params=post.query, content=post.body)
            latencies.append(time.perf_counter() - began)
            failures += answer.status_code != httpx.codes.OK

    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients, keepalive_expiry=2)
    async with httpx.AsyncClient(timeout=SECONDS_PER_REQUEST, limits=limits) as client:
        started = time.perf_counter()
        await asyncio.gather(*(loop(client) for _ in range(clients)))
        return Figures(tuple(latencies), len(latencies) / (time.perf_counter() - started), failures)
