"""What a user does after an operation that was not acknowledged.

Each attempt is an operation of its own: a row of its own in the history and, for a write, a value of its own. So a
retried write whose first attempt was ``unknown`` may be applied twice, under two values; the first of them is then a
*ghost*. That is what a client does to itself whose writes are not idempotent.

Retries come on top of the pace: a user waits for its pace between operations, not between attempts of one.
"""

from dataclasses import dataclass
from random import Random

from chaoskit.clock import NS
from chaoskit.model.scenario import Retry


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How often, and how soon.

    Attributes:
        attempts: At most, the first one included.
        first_ns: The longest pause before the second attempt; doubles with each further one.
        longest_ns: What it doubles up to.
        within_ns: No attempt begins later than that after the first; None: whenever.
    """

    attempts: int
    first_ns: int = 0
    longest_ns: int = 0
    within_ns: int | None = None

    def pause_ns(self, failed: int, elapsed_ns: int, draw: Random) -> int | None:
        """How long to wait before the next attempt; None: there is none.

        Full jitter: the pause is drawn from the whole of [0, longest], so that clients do not come back in step.

        Args:
            failed: Attempts so far, from 1.
            elapsed_ns: Since the first of them began.
            draw: The user's own.
        """
        if failed >= self.attempts:
            return None
        pause_ns = round(draw.random() * min(self.longest_ns, self.first_ns << (failed - 1)))
        too_late = self.within_ns is not None and elapsed_ns + pause_ns > self.within_ns
        return None if too_late else pause_ns


POLICIES = {
    Retry.NONE: Policy(attempts=1),
    Retry.EAGER: Policy(attempts=5),
    Retry.BACKOFF: Policy(attempts=10, first_ns=NS // 10, longest_ns=Retry.BACKOFF.longest_pause_ns, within_ns=60 * NS),
}
