"""Numbers for Prometheus, read from the queue when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .site import Site

if TYPE_CHECKING:
    from prometheus_client import Metric


def exposition(site: Site) -> tuple[bytes, str]:
    """Return all numbers as text, and the type of that text."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
    from prometheus_client.process_collector import ProcessCollector

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Queue(site))
    ProcessCollector(registry=registry)
    return generate_latest(registry), CONTENT_TYPE_LATEST


class _Queue:
    """What the queue tells; a collector of prometheus_client."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def collect(self) -> Iterator[Metric]:
        """Yield the numbers."""
        from prometheus_client.metrics_core import GaugeMetricFamily

        jobs = GaugeMetricFamily("ldm_nodes_jobs", "Jobs by state.", labels=["state"])
        for state, count in self._site.desk.store.counts().items():
            jobs.add_metric([state.value], count)
        yield jobs
        yield GaugeMetricFamily("ldm_nodes_sockets", "Open WebSockets.", len(self._site.hub.clients))
        paused = bool(self._site.desk.queue.paused)
        yield GaugeMetricFamily("ldm_nodes_queue_paused", "Whether the queue is paused.", paused)
        yield GaugeMetricFamily("ldm_nodes_nodes", "Node classes.", len(self._site.registry))
