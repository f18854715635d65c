"""How often something that dossiers share is asked for. Pure: constants of the rules alone."""

from elements_procura.harvest.policy.refresh import DAY

SHARED_FOR = DAY
"""Seconds after which a refresh asks for a shared resource again."""
MISSING_FOR = 28 * DAY
"""The same for a kind that is often missing, once it was missing."""
OTHERS_A_DAY = 2
"""Dossiers by whose path a resource is asked for besides, when its own dossier's path fails."""
