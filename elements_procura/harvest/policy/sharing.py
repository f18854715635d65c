"""How often shared resources are fetched. Pure: constants of the rules alone."""

from elements_procura.harvest.policy.refresh import DAY

SHARED_FOR = DAY
"""Seconds after which a refresh fetches a shared resource again."""
MISSING_FOR = 28 * DAY
"""The same for a kind that is often missing, once it was missing."""
OTHERS_A_DAY = 2
"""The number of other dossiers' paths tried per day for a resource whose own path fails."""
