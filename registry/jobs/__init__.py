"""Work in the background: functions of what they work with and the instant; one loop that calls them."""

from registry.jobs.publishing import open_publishing, publish_now, run_once
from registry.jobs.worker import run_worker

__all__ = ["open_publishing", "publish_now", "run_once", "run_worker"]
