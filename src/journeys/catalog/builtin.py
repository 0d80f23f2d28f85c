"""What every project knows without declaring it."""

from __future__ import annotations

from types import MappingProxyType

from journeys.catalog.project import Attribute, Event, FieldType

CONSENT = "consent"
"""`consent.email`: whether the customer agrees to be written to there. One field for each channel."""


def consent_attribute(channel: str) -> Attribute:
    """The field of a channel's consent, `channel` being what the channel is called in Chinese."""
    return Attribute(type="boolean", zh=f"同意.{channel}")


_OF_A_MESSAGE = {"message": FieldType(zh="消息")}

BUILTIN_ATTRIBUTES = MappingProxyType(
    {
        "last_seen": Attribute(type="moment", zh="最近活跃"),
        "zone": Attribute(zh="时区"),
        "language": Attribute(zh="语言"),
    }
)

BUILTIN_EVENTS = MappingProxyType(
    {
        "opened": Event(zh="打开", properties=_OF_A_MESSAGE),
        "clicked": Event(zh="点击", properties=_OF_A_MESSAGE),
        "received": Event(zh="收到", activity=False, properties=_OF_A_MESSAGE),
        "replied": Event(zh="回复", properties=_OF_A_MESSAGE),
        "unsubscribed": Event(zh="退订"),
        "complained": Event(zh="投诉"),
    }
)
"""`received` is done to the customer, and a provider's delivery report brings it; the others are the customer's own."""
