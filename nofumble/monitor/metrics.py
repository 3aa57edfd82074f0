"""What do we tell Prometheus? Counters and times since the process began, and what waits at this moment.

The names are a promise to dashboards and alarms. Each partition has a label; nothing of a customer has one.
"""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from agents.progress import BOUNDS_S, Durations, Progress
from nofumble.monitor.sampling import Watching, seconds


class Metrics(Collector):
    """Gives every metric anew each time it is asked."""

    def __init__(self, watching: Watching, *, has_relay: bool) -> None:
        """`has_relay` says whether somebody carries the outbox away, so that its age means something."""
        self._watching, self._has_relay = watching, has_relay

    def collect(self) -> Iterator[Metric]:
        """Give the metrics as they stand."""
        watching = self._watching
        progress = watching.pulse.progress
        yield from _counters(progress)
        yield _histogram("nofumble_fold_seconds", "Time to fold the records or timers of one batch.", progress.folds)
        yield _histogram("nofumble_batch_seconds", "Time to write one batch, with its retries.", progress.writes)
        lags = watching.lags()
        yield _by_partition("nofumble_lag_records", "Records that wait in a partition that is ours.", lags)
        silent = "Time since the loop last showed that it goes on."
        yield GaugeMetricFamily("nofumble_loop_silent_seconds", silent, watching.pulse.still_s())
        sample = watching.sample
        if sample is None:
            return
        due = {partition: count for partition, count in enumerate(sample.backlog.due) if partition in lags}
        yield _by_partition("nofumble_timers_due", "Accounts with a timer that is due, at most 10,000 each.", due)
        if self._has_relay:
            waits = "For how long the oldest line of the outbox has been there unsent; 0 without one."
            yield GaugeMetricFamily("nofumble_outbox_age_seconds", waits, seconds(sample.backlog.unsent_for))
        asked = "Time since the store last answered."
        yield GaugeMetricFamily("nofumble_store_silent_seconds", asked, watching.sample_age_s())


def exposition(watching: Watching, accept: str, *, has_relay: bool) -> tuple[bytes, str]:
    """Return the page of the metrics and its type, in the format that the asker accepts."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Metrics(watching, has_relay=has_relay))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


def _counters(progress: Progress) -> Iterator[Metric]:
    told = {
        "events_folded": ("Records of the log that were folded.", progress.records),
        "accounts_woken": ("Accounts that timers woke.", progress.woken),
        "lines": ("Lines that were decided and go out.", progress.lines),
        "batches": ("Batches that were folded.", progress.batches),
        "fenced": ("Batches that were refused because another worker had been faster.", progress.fenced),
        "retracted": ("Alerts that late evidence took back.", progress.retracted),
        "quarantined": ("Records and failures that were put into quarantine.", progress.quarantined),
    }
    for name, (what, value) in told.items():
        yield CounterMetricFamily(f"nofumble_{name}", what, value)


def _by_partition(name: str, what: str, values: Mapping[int, int]) -> Metric:
    family = GaugeMetricFamily(name, what, labels=["partition"])
    for partition, value in sorted(values.items()):
        family.add_metric([str(partition)], value)
    return family


def _histogram(name: str, what: str, durations: Durations) -> Metric:
    buckets, total = [], 0
    for bound, count in zip([*map(str, BOUNDS_S), "+Inf"], list(durations.counts), strict=True):
        total += count
        buckets.append((bound, total))
    return HistogramMetricFamily(name, what, buckets=buckets, sum_value=durations.total_s)
