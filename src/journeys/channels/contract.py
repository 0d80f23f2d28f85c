"""What every channel takes and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

VerdictState = Literal["accepted", "refused", "unknown", "retry"]


@dataclass(frozen=True, slots=True)
class HandOff:
    """One message to one address, as it was rendered once and stored with its attempt.

    idempotency_key     the same for every attempt of an outbox row, different for every row
    address             as the channel understands it: `ada@example.com`, `+8613800000000`
    message, channel    their canonical names
    subject, html       None where the message has none
    customer_id         the project's own id of the person
    rendered_at         microseconds UTC at which the text was rendered: the date the message carries, so that every
                        attempt has the same bytes
    """

    idempotency_key: str
    address: str = field(repr=False)
    message: str
    channel: str
    subject: str | None = field(repr=False)
    text: str = field(repr=False)
    html: str | None = field(repr=False)
    customer_id: str
    language: str
    rendered_at: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one hand-off.

    accepted    the provider took responsibility for it
    refused     it will never be taken: the same attempt again would be refused again
    unknown     bytes may have left and no answer came; only the author of the journey may decide to send again
    retry       surely not sent; later may be better

    `reason` is one line for the operator, without addresses or text of the message.
    """

    state: VerdictState
    reason: str = ""
    provider_id: str | None = None


class Channel(Protocol):
    """A way for messages to leave. A channel answers with verdicts and does not raise for what a provider or a network
    does; `now` is microseconds UTC.

    knows_keys      it recognises an idempotency key it has seen, so that a second attempt never is a second message
    """

    knows_keys: bool = False

    def deliver(self, handoff: HandOff, now: int) -> Verdict:
        """Hand one message over."""
        ...

    def deliver_many(self, handoffs: Sequence[HandOff], now: int) -> list[Verdict]:
        """Hand messages over in their order; one verdict each, and none depends on another."""
        return [self.deliver(handoff, now) for handoff in handoffs]


@dataclass(frozen=True, slots=True)
class SettingMistake:
    """A setting of a channel in the project file that cannot be used.

    setting     its name, dotted where nested; "" when it is about the channel as a whole
    code, facts as of a Diagnostic; the reader of the project file knows the place
    """

    setting: str
    code: str
    facts: Mapping[str, str]
