"""One call: the session, HTTP, answers, the journal of writes. Shared by both APIs."""
