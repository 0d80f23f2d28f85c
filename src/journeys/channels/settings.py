"""The settings of channels in the project file, one model a kind, and how a channel is opened from them.

    [channels.email]
    kind = "smtp"
    host = "smtp.example.com"
    from = "Example Shop <hello@example.com>"

Secrets are never settings: they are read from the environment, under the name that a setting may give.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FilePath, ValidationError, model_validator

from journeys.channels.addresses import split_mailbox
from journeys.channels.contract import Channel, SettingMistake

_PLACES = frozenset({"customer_id", "channel", "message", "token"})


def _mailbox(text: str) -> str:
    if split_mailbox(text) is None:
        raise ValueError("write it as Example Shop <hello@example.com>")
    return text


def _link(text: str) -> str:
    if urlsplit(text).scheme != "https" or not urlsplit(text).hostname or re.search(r"[^\x21-\x7e]", text):
        raise ValueError("write a link that starts with https://")
    if unknown := set(re.findall(r"\{([^{}]*)\}", text)) - _PLACES:
        raise ValueError(f"{{{min(unknown)}}} is not one of {', '.join(sorted(_PLACES))}")
    return text


Mailbox = Annotated[str, AfterValidator(_mailbox)]
UnsubscribeLink = Annotated[str, AfterValidator(_link)]
EnvironmentName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)


class ConsoleSettings(_Settings):
    """Prints each message."""

    kind: Literal["console"] = "console"


class MailSettings(_Settings):
    """What mail carries whatever way it leaves.

    unsubscribe     link for the List-Unsubscribe headers (RFC 8058); `{customer_id}`, `{channel}`, `{message}` and
                    `{token}` are filled in, the token being signed with the secret in `unsubscribe_secret_env`
    """

    sender: Mailbox = Field("Journeys <journeys@localhost.localdomain>", alias="from")
    reply_to: Mailbox | None = None
    unsubscribe: UnsubscribeLink | None = None
    unsubscribe_secret_env: EnvironmentName = "JOURNEYS_UNSUBSCRIBE_SECRET"


class FolderSettings(MailSettings):
    """Writes each message into a file of `path`."""

    kind: Literal["folder"] = "folder"
    path: Path


class SmtpSettings(MailSettings):
    """A mail server.

    tls             `starttls` (upgrade or give up), `tls` (from the first byte), `none` (a server on this machine only,
                    as soon as there is a user)
    ca_file         certificate authority of a private server, PEM
    timeout         seconds for a connection and for each answer
    data_timeout    seconds for the answer after the last byte of a message; RFC 5321 would wait ten minutes
    """

    kind: Literal["smtp"] = "smtp"
    sender: Mailbox = Field(alias="from")
    host: str = Field(min_length=1, pattern=r"^[A-Za-z0-9.:-]+$")
    port: int = Field(587, ge=1, le=65535)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password_env: EnvironmentName = "JOURNEYS_SMTP_PASSWORD"
    ca_file: FilePath | None = None
    timeout: float = Field(30, gt=0, le=600)
    data_timeout: float = Field(120, gt=0, le=600)

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> SmtpSettings:
        if self.tls == "none" and self.user is not None and not _on_this_machine(self.host):
            raise ValueError("a password would cross the network in the clear; set tls")
        return self


_KINDS: Mapping[str, type[ConsoleSettings] | type[FolderSettings] | type[SmtpSettings]] = {
    "console": ConsoleSettings,
    "folder": FolderSettings,
    "smtp": SmtpSettings,
}


def open_channel(
    kind: str, settings: Mapping[str, object], environ: Mapping[str, str]
) -> Channel | tuple[SettingMistake, ...]:
    """The channel of that kind, ready to deliver, or everything that is wrong with its settings.

    `settings` is the channel's table of the project file, with or without its `kind`; `environ` the environment.
    Opening connects to nothing.
    """
    model = _KINDS.get(kind)
    if model is None:
        return (SettingMistake("kind", "J450", {"kind": kind, **_close(kind, _KINDS), "kinds": ", ".join(_KINDS)}),)
    try:
        found = model.model_validate({**settings, "kind": kind})
    except ValidationError as error:
        return tuple(_mistake(line["loc"], line["type"], line["msg"], model) for line in error.errors())
    if isinstance(found, ConsoleSettings):
        from journeys.channels.console import ConsoleChannel

        return ConsoleChannel(sys.stdout)
    secret = environ.get(found.unsubscribe_secret_env, "")
    if found.unsubscribe is not None and "{token}" in found.unsubscribe and not secret:
        return (_no_secret("unsubscribe_secret_env", found.unsubscribe_secret_env),)
    from journeys.channels.mail import MailForm

    form = MailForm(found.sender, found.reply_to, found.unsubscribe, secret)
    if isinstance(found, FolderSettings):
        from journeys.channels.folder import FolderChannel

        return FolderChannel(found.path, form)
    password = environ.get(found.password_env, "")
    if found.user is not None and not password:
        return (_no_secret("password_env", found.password_env),)
    if not (found.user or "").isascii() or not password.isascii():
        why = "user and password may only hold ASCII characters"
        return (SettingMistake("user", "J453", {"setting": "user", "why": why}),)
    from journeys.channels.smtp import SmtpChannel

    return SmtpChannel(found, form, password)


def _mistake(place: tuple[int | str, ...], kind: str, message: str, model: type[BaseModel]) -> SettingMistake:
    setting = ".".join(map(str, place))
    names = [field.alias or name for name, field in model.model_fields.items()]
    if kind == "extra_forbidden":
        return SettingMistake(setting, "J451", {"setting": setting, **_close(setting, names)})
    if kind == "missing":
        return SettingMistake(setting, "J452", {"setting": setting})
    return SettingMistake(setting, "J453", {"setting": setting, "why": message.removeprefix("Value error, ")})


def _close(name: str, known: Iterable[str]) -> dict[str, str]:
    """The fact `close`, where something known is spelled almost so."""
    close = get_close_matches(name, list(known), 1)
    return {"close": close[0]} if close else {}


def _no_secret(setting: str, variable: str) -> SettingMistake:
    return SettingMistake(setting, "J454", {"setting": setting, "variable": variable})


def _on_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
