"""Each suite is read in the forms in which it is published; what is no such file is a clear error."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.errors import SuiteError
from benchmarks.item import AnnotationGold, Item, LpGold
from benchmarks.label_checks import doubts
from benchmarks.scorers.canonical import canonical
from benchmarks.suites.registry import suite_named, suites
from benchmarks.suites.suite import digest, load
from benchmarks.wire import item_from_json, item_to_json

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
VALUE_SUITES = ["mamo_easy", "mamo_complex", "industryor", "optmath", "logior", "bwor", "complexor", "nlp4lp"]

ANNOTATION = {
    "obj_declaration": {"type": "objective", "direction": "maximize", "name": "gain", "terms": {"pens": "2", "cups": "3"}},
    "const_declarations": [
        {"type": "sum", "direction": "at most", "limit": "10", "operator": "LESS_OR_EQUAL"},
        {"type": "xby", "x_var": "pens", "direction": "at least", "param": "twice", "y_var": "cups",
         "operator": "GREATER_OR_EQUAL"},
    ],
    "order_mapping": {"pens": 0, "cups": 1},
}  # fmt: skip


def written(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_every_suite_states_what_it_is() -> None:
    assert {"nl4opt", "optibench", "nlp4lp", "mamo_easy", "mamo_complex", "industryor", "complexor", "optmath"} <= set(
        suites()
    )
    assert {"logior", "bwor", "bench4opt", "miplib_nl", "own"} <= set(suites())
    for suite in suites().values():
        assert suite.title
        assert suite.licence
        assert suite.size
        assert suite.releases


@pytest.mark.parametrize("name", VALUE_SUITES)
@pytest.mark.parametrize(
    ("form", "rows"),
    [
        ("items.jsonl", [{"question": "How many?", "answer": 3}, {"question": "How much?", "answer": "1,250.5"}]),
        ("items.json", [{"en_question": "How many?", "en_answer": 3}, {"en_question": "So?", "en_answer": "1250.5"}]),
        ("items.json", {"a": {"Question": "How many?", "Answer": 3}, "b": {"Question": "So?", "Answer": [1250.5]}}),
    ],
)
def test_rows_with_a_value_are_read_in_every_published_spelling(
    name: str, form: str, rows: object, tmp_path: Path
) -> None:
    text = "\n".join(map(json.dumps, rows)) if form.endswith("l") else json.dumps(rows)
    loaded = load(suite_named(name), written(tmp_path, form, text))
    assert [item.value for item in loaded.items] == [3.0, 1250.5]
    assert loaded.sha256 == digest(tmp_path / form)


def test_rows_as_csv_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, "items.csv", 'question,answer\n"How many, ""exactly""?",3\nSo?,4\n')
    assert [item.value for item in load(suite_named("industryor"), path).items] == [3.0, 4.0]


def test_an_answer_that_there_is_none_asks_for_a_status(tmp_path: Path) -> None:
    path = written(tmp_path, "i.json", [{"question": "q", "answer": "No Best Solution"}])
    (item,) = load(suite_named("industryor"), path).items
    assert item.statuses == {"infeasible", "unbounded"}


def test_the_competition_form_of_nl4opt_is_read(tmp_path: Path) -> None:
    line = json.dumps({"-12": {"document": "Pens and cups.", "vars": ["pens", "cups"], **ANNOTATION}})
    (item,) = load(suite_named("nl4opt"), written(tmp_path, "dev.jsonl", line + "\n")).items
    assert (item.id, item.text) == ("-12", "Pens and cups.")
    assert isinstance(item.gold, AnnotationGold)


def test_the_answer_form_of_nl4opt_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "t.json", [{"en_question": "Pens and cups.", "en_answer": 20}])
    assert [item.value for item in load(suite_named("nl4opt"), path).items] == [20.0]


def test_an_annotation_that_its_own_canonical_rows_contradict_is_in_doubt(tmp_path: Path) -> None:
    rows = [[1.0, 1.0, 10.0], [-1.0, 2.0, 0.0]]
    good = {**ANNOTATION, "canonical": {"objective": [-2.0, -3.0], "constraints": rows}}
    bad = {**ANNOTATION, "canonical": {"objective": [2.0, -3.0], "constraints": rows}}
    lines = [json.dumps({"id": k, "question": "q", "gold": gold}) for k, gold in (("good", good), ("bad", bad))]
    loaded = load(suite_named("nl4opt"), written(tmp_path, "t.jsonl", "\n".join(lines)))
    assert [item.doubt for item in loaded.items] == ["", "the canonical objective is not the declared one"]


def test_optibench_takes_the_last_result_as_the_objective(tmp_path: Path) -> None:
    rows = [{"question": "q", "results": {"pens": "3", "total": "1,250.00"}, "type": "linear-table", "index": 7}]
    (item,) = load(suite_named("optibench"), written(tmp_path, "OptiBench.json", rows)).items
    assert (item.id, item.value, item.kind) == ("7", 1250.0, "linear-table")


def test_nlp4lp_is_read_as_rows_and_as_folders(tmp_path: Path) -> None:
    row = {
        "description": "Pens.",
        "parameters": '{"price": {"shape": [2], "value": [1, 2]}}',
        "solution": '{"objective": 7}',
    }
    (item,) = load(suite_named("nlp4lp"), written(tmp_path, "n.jsonl", json.dumps(row))).items
    assert (item.value, item.tables[0].name, item.tables[0].columns["value"]) == (7.0, "price", (1, 2))
    written(tmp_path, "d/3/description.txt", "Pens.")
    written(tmp_path, "d/3/data.json", {"price": [1, 2]})
    written(tmp_path, "d/3/solution.json", {"objective": 7})
    (item,) = load(suite_named("nlp4lp"), tmp_path / "d").items
    assert (item.id, item.value, item.tables[0].columns["i"]) == ("3", 7.0, (0, 1))


def test_complexor_is_an_item_a_sample(tmp_path: Path) -> None:
    written(tmp_path, "blend/description.txt", "Pens.")
    samples = [{"input": {"n": 2}, "output": [5]}, {"input": {"n": 3}, "output": [6]}]
    written(tmp_path, "blend/sample.json", samples)
    items = load(suite_named("complexor"), tmp_path).items
    assert [(item.id, item.value) for item in items] == [("blend#0", 5.0), ("blend#1", 6.0)]


def test_bench4opt_is_read_from_its_unpacked_archive(tmp_path: Path) -> None:
    lp = "Minimize\n c: x\nSubject To\n r: x >= 1\nEnd\n"
    written(tmp_path, "LP/blend/one/question.txt", "Pens.")
    written(tmp_path, "LP/blend/one/question_concise.txt", "P.")
    written(tmp_path, "LP/blend/one/data.json", {"cost": 2})
    written(tmp_path, "LP/blend/one/model.lp", lp)
    (item,) = load(suite_named("bench4opt"), tmp_path).items
    assert (item.id, item.text, item.gold) == ("LP/blend/one", "Pens.", LpGold(lp))


def test_miplib_nl_fills_its_parameters_in_and_reads_its_tables(tmp_path: Path) -> None:
    instance = {
        "abstract_problem": "Open at most {k} of the {unknown}.",
        "parameters": {"k": 3, "b": 7},
        "files": {"costs": {"path": "./data/costs.csv", "description": "what it costs"}},
        "optimal_value": 12,
    }
    written(tmp_path, "one/instance.json", instance)
    written(tmp_path, "one/data/costs.csv", "site,cost\nA,1.5\nB,\n")
    (item,) = load(suite_named("miplib_nl"), tmp_path).items
    assert item.text.startswith("Open at most 3 of the {unknown}.")
    assert "b = 7" in item.text
    assert item.tables[0].columns == {"site": ("A", "B"), "cost": (1.5, None)}


def test_a_file_outside_its_instance_is_refused(tmp_path: Path) -> None:
    instance = {"abstract_problem": "q", "files": {"x": {"path": "../../secret.csv"}}, "optimal_value": 1}
    written(tmp_path, "one/instance.json", instance)
    with pytest.raises(SuiteError, match="outside the instance"):
        load(suite_named("miplib_nl"), tmp_path)


BAD = {
    "cut off": ("i.jsonl", '{"question": "q", "answer": 1}\n{"question": "q2", "ans', "line 2 .*cut off"),
    "cut off json": ("i.json", '[{"question": "q", "answer": 1}, {"questi', "no whole JSON document"),
    "cut off csv": ("i.csv", 'question,answer\n"never closed,3', "cut off"),
    "empty": ("i.jsonl", "  \n", "is empty"),
    "no item": ("i.json", "[]", "holds no item"),
    "another suite": ("i.jsonl", '{"suite": "mamo_easy", "question": "q", "answer": 1}', "of the suite 'mamo_easy'"),
    "other keys": ("i.jsonl", '{"premise": "p", "hypothesis": "h"}', "is this the suite industryor"),
    "no answer key": ("i.jsonl", '{"question": "q"}', "is this the suite industryor"),
    "missing answer": ("i.jsonl", '{"question": "q", "answer": null, "id": "a"}', "1 of 1 items have no answer.*'a'"),
    "no number": ("i.jsonl", '{"question": "q", "answer": "twelve or so"}', "is no number"),
    "ids twice": (
        "i.jsonl",
        '{"question": "q", "answer": 1, "id": "a"}\n{"question": "r", "answer": 1, "id": "a"}',
        "given twice.*'a'",
    ),
    "a list of numbers": ("i.json", "[1, 2]", "neither a list nor a map"),
}


@pytest.mark.parametrize("case", BAD, ids=lambda name: name.replace(" ", "_"))
def test_what_is_no_such_file_is_a_clear_error(case: str, tmp_path: Path) -> None:
    name, content, message = BAD[case]
    with pytest.raises(SuiteError, match=message):
        load(suite_named("industryor"), written(tmp_path, name, content))


def test_binary_data_are_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "i.jsonl"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(SuiteError, match="cannot be read as industryor"):
        load(suite_named("industryor"), path)


def test_missing_answers_pass_where_they_are_allowed(tmp_path: Path) -> None:
    path = written(tmp_path, "i.jsonl", '{"question": "q", "answer": null}')
    assert not load(suite_named("industryor"), path, unlabelled=True).items[0].scorable


def test_a_suite_without_data_says_where_they_are() -> None:
    with pytest.raises(SuiteError, match="needs --data PATH"):
        load(suite_named("optibench"))
    with pytest.raises(SuiteError, match="no suite is called"):
        suite_named("crossword")


def shared_files() -> Iterator[tuple[str, Path, int]]:
    counts = {
        "nl4opt/train.jsonl": 713, "nl4opt/dev.jsonl": 99, "optibench/dev.jsonl": 223, "mamo_easy/dev.jsonl": 232,
        "mamo_complex/dev.jsonl": 81, "industryor/dev.jsonl": 38, "optmath/dev.jsonl": 43, "logior/dev.jsonl": 37,
        "bench4opt/dev.jsonl": 75, "miplib_nl": 20,
    }  # fmt: skip
    for name, count in counts.items():
        yield name.split("/")[0], SHARED / name, count


@pytest.mark.shared
@pytest.mark.parametrize(
    ("suite", "path", "count"), list(shared_files()), ids=lambda value: str(value).rsplit("/", 2)[-1]
)
def test_the_development_data_are_read_as_they_are(suite: str, path: Path, count: int) -> None:
    if not path.exists():
        pytest.skip("the development data do not lie beside this checkout")
    items = load(suite_named(suite), path).items
    assert len(items) == count
    for item in items:
        again = item_from_json(json.loads(json.dumps(item_to_json(item))))
        assert item_to_json(again) == item_to_json(item)


def test_labels_in_doubt_are_known_by_id_and_listed_with_the_item(tmp_path: Path) -> None:
    suite = suite_named("optibench")
    name, reason = next(iter(suite.known_bad.items()))
    path = tmp_path / "part.jsonl"
    path.write_text("".join(json.dumps({"id": i, "question": f"q {i}", "answer": 1}) + "\n" for i in (name, "other")))
    assert [item.doubt for item in load(suite, path).items] == [reason, ""]


def test_label_checks_find_models_without_an_optimum_and_keys_that_disagree() -> None:
    bounded, unbounded = LpGold("max\n x\nst\n x <= 3\nend\n"), LpGold("max\n x\nst\n x >= 3\nend\n")
    items = [
        Item("a", "one", "How much?", gold=bounded),
        Item("b", "two", "how  much", value=3.0),
        Item("c", "three", "How much!", value=4.0),
        Item("d", "one", "How many?", gold=unbounded),
        Item("e", "one", "What?", gold=LpGold("nonsense")),
        Item("f", "two", "How long?", value=9.0),
    ]
    found = {item.id for item, _ in doubts(items)}
    assert found == {"a", "b", "c", "d", "e"}  # a and b agree, and both disagree with c


def test_an_annotation_whose_objective_names_no_variable_is_the_total_of_all() -> None:
    annotation = {
        "obj_declaration": {"type": "objvar", "direction": "minimize", "name": "total", "vars": []},
        "const_declarations": [],
        "order_mapping": {"trips": 0, "rides": 1},
    }
    assert canonical(annotation).objective == (1.0, 1.0)
