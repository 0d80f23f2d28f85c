"""Published journeys: versions that never change, and whether they run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, case, func, insert, select, update

from journeys.engine.state import JourneyKey
from journeys.store.problem import CHANGED_VERSION, StoreProblem
from journeys.store.schema import journeys

JourneyState = Literal["open", "paused", "closed", "stopped"]
"""open: people enter. paused: nothing is handed off, waits run on. closed: nobody enters, the rest finish. stopped:
everybody has left."""


@dataclass(frozen=True, slots=True)
class PublishedJourney:
    """One version. `graph` is the rule graph as JSON; `swept_to` is how far the first look at all customers has come (a
    customer id; None: it is done). `resumes_as` is the state a paused version goes back to.
    """

    id: int
    key: JourneyKey
    hash: str
    graph: str
    published_at: int
    state: JourneyState
    swept_to: int | None
    resumes_as: JourneyState | None = None

    @property
    def is_entered(self) -> bool:
        """Whether people may enter: a pause holds messages back, not people."""
        return "open" in (self.state, self.resumes_as)


def publish(conn: Connection, graph_json: str, name: str, version: int, graph_hash: str, at: int) -> tuple[int, bool]:
    """Makes a version known and open; our id of it, and whether it is new. Older versions of the journey are closed.

    The same version with the same graph changes nothing; with another graph it is refused: StoreProblem J301.
    """
    published = select(journeys.c.id, journeys.c.hash).where(journeys.c.name == name, journeys.c.version == version)
    known = conn.execute(published).one_or_none()
    if known is not None:
        if known.hash != graph_hash:
            facts = {"journey": name, "version": str(version), "next": str(_latest(conn, name) + 1)}
            raise StoreProblem(CHANGED_VERSION, "", facts)
        return known.id, False
    older = journeys.c.name == name
    conn.execute(update(journeys).where(older, journeys.c.state == "open").values(state="closed"))
    conn.execute(update(journeys).where(older, journeys.c.resumes_as == "open").values(resumes_as="closed"))
    row = {
        "name": name,
        "version": version,
        "hash": graph_hash,
        "graph": graph_json,
        "published_at": at,
        "state": "open",
        "swept_to": -1,
    }
    made = conn.execute(insert(journeys).returning(journeys.c.id), row).scalar_one()
    return int(made), True


def _latest(conn: Connection, name: str) -> int:
    """The highest version number of a journey."""
    return int(conn.execute(select(func.max(journeys.c.version)).where(journeys.c.name == name)).scalar_one())


def listed(conn: Connection) -> Sequence[PublishedJourney]:
    """All versions of all journeys, in the order they were published."""
    return [
        PublishedJourney(
            id=row.id,
            key=JourneyKey(row.name, row.version),
            hash=row.hash,
            graph=row.graph,
            published_at=row.published_at,
            state=row.state,
            swept_to=row.swept_to,
            resumes_as=row.resumes_as,
        )
        for row in conn.execute(select(journeys).order_by(journeys.c.id))
    ]


def ids(conn: Connection) -> dict[JourneyKey, int]:
    """Our ids of all versions."""
    known = select(journeys.c.id, journeys.c.name, journeys.c.version)
    return {JourneyKey(name, version): id_ for id_, name, version in conn.execute(known)}


def pause(conn: Connection, name: str) -> int:
    """Pauses all versions that run; how many there were."""
    running = (journeys.c.name == name, journeys.c.state.in_(["open", "closed"]))
    return conn.execute(update(journeys).where(*running).values(resumes_as=journeys.c.state, state="paused")).rowcount


def resume(conn: Connection, name: str) -> int:
    """Takes paused versions back to what they were; how many there were."""
    paused = (journeys.c.name == name, journeys.c.state == "paused")
    return conn.execute(update(journeys).where(*paused).values(state=journeys.c.resumes_as, resumes_as=None)).rowcount


def close(conn: Connection, name: str) -> int:
    """Lets nobody in any more, also after a pause; how many versions that changed."""
    is_open = (journeys.c.name == name, (journeys.c.state == "open") | (journeys.c.resumes_as == "open"))
    state = case((journeys.c.state == "open", "closed"), else_=journeys.c.state)
    resumes_as = case((journeys.c.resumes_as == "open", "closed"), else_=journeys.c.resumes_as)
    return conn.execute(update(journeys).where(*is_open).values(state=state, resumes_as=resumes_as)).rowcount


def stop(conn: Connection, name: str) -> int:
    """Marks all versions as stopped for good; how many that changed. Ending their runs is the daemon's work."""
    running = (journeys.c.name == name, journeys.c.state != "stopped")
    return conn.execute(update(journeys).where(*running).values(state="stopped", resumes_as=None)).rowcount


def note_sweep(conn: Connection, journey_id: int, swept_to: int | None) -> None:
    """How far the first look at all customers has come: the last customer id, None when it is done."""
    conn.execute(update(journeys).where(journeys.c.id == journey_id).values(swept_to=swept_to))
