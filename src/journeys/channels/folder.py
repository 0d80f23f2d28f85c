"""Hand-offs as files of a folder: mail as `.eml`, everything else as `.json`. For trying out, and for programs that
collect messages from there."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from journeys.channels.contract import Channel, HandOff, Verdict
from journeys.channels.mail import MailForm, MailRefused, mail_bytes

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNSPEAKABLE = re.compile(r"[^\w.@+-]+")


class FolderChannel(Channel):
    """One file a hand-off, complete or not there at all.

    The name is made of the hand-off alone, so another attempt of the same row finds its file and changes nothing.
    """

    knows_keys = True

    def __init__(self, path: Path, form: MailForm) -> None:
        self._path = path
        self._form = form

    def deliver(self, handoff: HandOff, now: int) -> Verdict:
        """Accepted once the file is on disk; refused when a file of this key holds something else."""
        del now
        try:
            data = mail_bytes(handoff, self._form) if handoff.subject is not None else _json_bytes(handoff)
        except MailRefused as refusal:
            return Verdict("refused", str(refusal))
        except UnicodeEncodeError:
            return Verdict("refused", "a text holds half a character that cannot be encoded")
        target = self._path / file_name(handoff)
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            return self._place(data, target)
        except OSError as error:
            # Until the file has its name nothing has left; whether it has, the next attempt sees by its content.
            return Verdict("retry", f"the file cannot be written: {error.strerror or type(error).__name__}")

    def _place(self, data: bytes, target: Path) -> Verdict:
        if target.exists():
            if target.read_bytes() == data:
                return Verdict("accepted", "written before", target.name)
            return Verdict("refused", "a message of this key with another content was written before", target.name)
        with tempfile.NamedTemporaryFile(dir=self._path, prefix=".", suffix=".part", delete=False) as part:
            try:
                part.write(data)
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).replace(target)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise
        _sync_folder(self._path)
        return Verdict("accepted", "written", target.name)


def file_name(handoff: HandOff) -> str:
    """`2026-03-02_customer-42_coupon_0f3a9c51d2e4.eml`: day, person, message, and twelve digits of the key's hash."""
    day = (_EPOCH + timedelta(microseconds=handoff.rendered_at)).date().isoformat()
    digest = hashlib.sha256(handoff.idempotency_key.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    kind = "eml" if handoff.subject is not None else "json"
    return f"{day}_{_speakable(handoff.customer_id)}_{_speakable(handoff.message)}_{digest}.{kind}"


def _speakable(name: str) -> str:
    """The name as part of a file name, which may have 255 bytes in all."""
    return _UNSPEAKABLE.sub("-", name).encode("utf-8")[:80].decode("utf-8", "ignore").strip(".-") or "-"


def _json_bytes(handoff: HandOff) -> bytes:
    fields = {
        "idempotency_key": handoff.idempotency_key,
        "address": handoff.address,
        "customer_id": handoff.customer_id,
        "message": handoff.message,
        "channel": handoff.channel,
        "language": handoff.language,
        "rendered_at": (_EPOCH + timedelta(microseconds=handoff.rendered_at)).isoformat(),
        "text": handoff.text,
        "html": handoff.html,
    }
    return json.dumps(fields, ensure_ascii=False, indent=2).encode("utf-8") + b"\n"


def _sync_folder(path: Path) -> None:
    """Makes the new name itself survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
