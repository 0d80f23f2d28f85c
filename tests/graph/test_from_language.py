"""Journey files to graphs: the files below `compiled/`, with the graph or the diagnostics each must give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from journeys.catalog.load import load_project
from journeys.catalog.project import Project
from journeys.diagnostics.render import render
from journeys.graph.from_language import compile_files
from journeys.graph.model import RuleGraph
from journeys.language.parser import Parsed, parse

FOLDER = Path(__file__).parent / "compiled"
GOOD = sorted(FOLDER.glob("good/*.journey"))
BAD = sorted(FOLDER.glob("bad/*.journey"))
TWINS = sorted(FOLDER.glob("twins/en/*.journey"))


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)


def shop() -> Project:
    project, diagnostics = load_project(FOLDER)
    assert project is not None, diagnostics
    return project


def read(path: Path) -> Parsed:
    parsed = parse(path.read_text("utf-8"), path.relative_to(FOLDER).as_posix())
    assert parsed.diagnostics == ()
    return parsed


def agree(path: Path, text: str, rewrite: bool) -> None:
    if rewrite:
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text


def pruned(value: Any) -> Any:
    """Without what is empty, zero or unset, so that a golden file shows what matters."""
    if isinstance(value, dict):
        return {key: pruned(inner) for key, inner in value.items() if inner or (inner is False and key == "value")}
    return [pruned(inner) for inner in value] if isinstance(value, list) else value


def as_text(graph: RuleGraph) -> str:
    """One line of JSON for each setting and node, then the edges."""
    whole = pruned(graph.model_dump(mode="json"))
    nodes, edges = whole.pop("nodes"), whole.pop("edges", [])
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in whole.items()]
    for node in nodes:
        source = node.pop("source", {})
        lines.append(f"{source.get('line', '')}:{source.get('column', '')} {json.dumps(node, ensure_ascii=False)}")
    lines += [f"{edge['source']} -- {edge['port']} -> {edge['target']}" for edge in edges]
    return "\n".join(lines)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_the_graphs_of_a_good_file_are_the_golden_ones(path: Path, rewrite: bool) -> None:
    graphs, diagnostics = compile_files([read(path)], shop())
    assert diagnostics == ()
    agree(path.with_suffix(".graph"), "\n\n".join(as_text(graph) for graph in graphs) + "\n", rewrite)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_every_port_of_every_node_has_one_edge(path: Path) -> None:
    for graph in compile_files([read(path)], shop())[0]:
        expected = []
        for node in graph.nodes:
            ports = {
                "branch": ["yes", "no"],
                "repeat": ["again", "done"],
                "split": [arm.port for arm in getattr(node, "arms", ())],
                "end": [],
            }.get(node.kind, ["next"])
            expected += [(node.id, port) for port in ports]
        assert sorted((edge.source, edge.port) for edge in graph.edges) == sorted(expected)
        assert {edge.target for edge in graph.edges} | {graph.first} == {node.id for node in graph.nodes}
        assert RuleGraph.model_validate_json(graph.model_dump_json()) == graph


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_the_diagnostics_of_a_bad_file_are_the_golden_ones(path: Path, rewrite: bool) -> None:
    parsed = read(path)
    _, diagnostics = compile_files([parsed], shop())
    code = path.stem.split("-")[0]
    assert code in {diagnostic.code for diagnostic in diagnostics}
    assert {diagnostic.severity == "warning" for diagnostic in diagnostics} == {code.startswith("J2")}
    sources = {"bad/" + path.name: parsed.text}
    english = render(diagnostics, sources, "full", "en")
    chinese = render(diagnostics, sources, "full", "zh")
    agree(path.with_suffix(".txt"), f"{english}\n\n{chinese}\n", rewrite)


@pytest.mark.parametrize("path", TWINS, ids=lambda path: path.stem)
def test_english_and_chinese_twins_are_the_same_graph(path: Path) -> None:
    chinese = path.parent.parent / "zh" / path.name.replace(".en.", ".zh.")
    english_graphs, english_diagnostics = compile_files([read(path)], shop())
    chinese_graphs, chinese_diagnostics = compile_files([read(chinese)], shop())
    assert english_diagnostics == chinese_diagnostics == ()
    assert [graph.hash() for graph in english_graphs] == [graph.hash() for graph in chinese_graphs]
    assert [graph.name for graph in english_graphs] == [graph.name for graph in chinese_graphs]
    together, diagnostics = compile_files([read(path), read(chinese)], shop())
    assert len(together) == len(english_graphs)
    assert [each.code for each in diagnostics if each.code != "J121"] == []
