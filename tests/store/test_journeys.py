"""Published versions and whether they run."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from journeys.engine.state import JourneyKey
from journeys.store import journeys
from journeys.store.database import Store
from journeys.store.problem import StoreProblem


def states(conn: Connection) -> list[str]:
    return [one.state for one in journeys.listed(conn)]


def test_a_version_is_published_once_and_never_changed(store: Store) -> None:
    with store.writing() as conn:
        id_, new = journeys.publish(conn, '{"first":"send"}', "win back", 1, "aaa", at=5)
        assert new
        assert journeys.publish(conn, '{"first":"send"}', "win back", 1, "aaa", at=9) == (id_, False)
        (one,) = journeys.listed(conn)
        assert one == journeys.PublishedJourney(
            id_, JourneyKey("win back", 1), "aaa", '{"first":"send"}', 5, "open", -1
        )
        assert journeys.ids(conn) == {JourneyKey("win back", 1): id_}
    with pytest.raises(StoreProblem) as raised, store.writing() as conn:
        journeys.publish(conn, "{}", "win back", 1, "bbb", at=10)
    assert (raised.value.code, raised.value.facts["next"]) == ("J301", "2")


def test_a_new_version_closes_the_older_ones_only(store: Store) -> None:
    with store.writing() as conn:
        for version in (1, 2, 3):
            journeys.publish(conn, "{}", "win back", version, str(version), at=version)
        journeys.publish(conn, "{}", "welcome", 1, "w", at=4)
        assert states(conn) == ["closed", "closed", "open", "open"]


def test_a_pause_is_taken_back_as_if_it_had_not_been(store: Store) -> None:
    with store.writing() as conn:
        for version in (1, 2):
            journeys.publish(conn, "{}", "win back", version, str(version), at=version)
        journeys.publish(conn, "{}", "welcome", 1, "w", at=4)
        assert (journeys.pause(conn, "win back"), journeys.pause(conn, "win back")) == (2, 0)
        assert states(conn) == ["paused", "paused", "open"]
        assert journeys.resume(conn, "win back") == 2
        assert states(conn) == ["closed", "open", "open"]


def test_what_is_published_or_closed_during_a_pause_holds_after_it(store: Store) -> None:
    with store.writing() as conn:
        journeys.publish(conn, "{}", "win back", 1, "1", at=1)
        journeys.publish(conn, "{}", "welcome", 1, "w", at=1)
        journeys.pause(conn, "win back")
        journeys.pause(conn, "welcome")
        journeys.publish(conn, "{}", "win back", 2, "2", at=2)
        assert journeys.close(conn, "welcome") == 1
        journeys.resume(conn, "win back")
        journeys.resume(conn, "welcome")
        assert states(conn) == ["closed", "closed", "open"]
        assert (journeys.close(conn, "win back"), journeys.close(conn, "win back")) == (1, 0)


def test_stopped_is_for_good(store: Store) -> None:
    with store.writing() as conn:
        journeys.publish(conn, "{}", "win back", 1, "1", at=1)
        assert journeys.stop(conn, "win back") == 1
        assert [
            journeys.resume(conn, "win back"),
            journeys.pause(conn, "win back"),
            journeys.stop(conn, "win back"),
        ] == [0, 0, 0]
        assert states(conn) == ["stopped"]


def test_the_first_look_at_everybody_is_taken_up_again(store: Store) -> None:
    with store.writing() as conn:
        id_, _ = journeys.publish(conn, "{}", "win back", 1, "1", at=1)
        journeys.note_sweep(conn, id_, 4_000)
        assert journeys.listed(conn)[0].swept_to == 4_000
        journeys.note_sweep(conn, id_, None)
        assert journeys.listed(conn)[0].swept_to is None
