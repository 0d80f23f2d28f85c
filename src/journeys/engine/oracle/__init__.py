"""The oracle: a small interpreter of rule graphs, slow and obvious, to which the machine is held.

It works on plain objects, one person at a time, and shares no code with the machine: it has its own calendar (on
`datetime` and `zoneinfo`) and reads `engine/README.md` sentence by sentence. It also gives `explain` its values.

| file | what |
| --- | --- |
| `wall_clock.py` | days, months, wall times and quiet windows in a zone |
| `profile.py` | what is known of a person at a moment |
| `conditions.py` | whether a condition holds, and when time alone may change that |
| `timetable.py` | the instants of date starts, calendar starts and `wait until` a moment |
| `sending.py` | which channel reaches a person, quiet hours, frequency caps |
| `interpreter.py` | the walk of one person through time |
| `explain.py` | why somebody is, or is not, in a journey |
"""

from journeys.engine.oracle.explain import JourneyWhy, Verdict, Why, explain_condition, explain_person
from journeys.engine.oracle.interpreter import advance

__all__ = ["JourneyWhy", "Verdict", "Why", "advance", "explain_condition", "explain_person"]
