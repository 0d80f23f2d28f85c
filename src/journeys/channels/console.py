"""Prints messages, for trying out."""

from __future__ import annotations

import re
from typing import TextIO

from journeys.channels.contract import Channel, HandOff, Verdict

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class ConsoleChannel(Channel):
    """Writes each hand-off to a stream, without the characters that could steer a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def deliver(self, handoff: HandOff, now: int) -> Verdict:
        """Accepted once printed."""
        del now
        try:
            self._stream.write(_printed(handoff))
            self._stream.flush()
        except (OSError, ValueError) as error:
            return Verdict("unknown", f"the stream failed: {type(error).__name__}")
        return Verdict("accepted", "printed")


def _printed(handoff: HandOff) -> str:
    title = f"{handoff.channel} {handoff.message} ({handoff.language}) to {handoff.address}"
    lines = [f"--- {_line(title)}"]
    if handoff.subject is not None:
        lines.append(f"    {_line(handoff.subject)}")
        lines.append("")
    lines.extend(f"    {_CONTROLS.sub('', line)}".rstrip() for line in handoff.text.splitlines())
    return "\n".join(lines).encode("utf-8", "replace").decode() + "\n\n"


def _line(text: str) -> str:
    return _CONTROLS.sub("", " ".join(text.split()))
