"""A Xero object with a queue is 4 new files and 5 edits: the README's example works, and no registry lacks an entry."""

import ast
import importlib
import pkgutil
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from segxero.sandbox import objects as sandbox_objects
from segxero.sandbox.options import SandboxOptions
from segxero.sandbox.state.faults import NO_FAULT
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.scopes import GRANULAR_SCOPES
from segxero.sandbox.state.table import Table
from segxero.sandbox.state.world import World
from segxero.xero import objects as xero_objects
from segxero.xero.objects.table import OBJECTS, QUEUES
from segxero.xero.objects.wanted import Wanted
from segxero.xero.objects.xero_object import XeroObject
from tests.support.xero.wanted import CONTEXT

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "segxero" / "README.md").read_text(encoding="utf-8")
EXAMPLE = README.partition("### Worked example")[2].partition("\n## ")[0]
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))


def modules(package):
    return [
        importlib.import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__)
    ]


def mapped_objects():
    files = sorted((PROJECT / "mappings").glob("*.yaml"))
    entries = [entry for file in files for entry in yaml.safe_load(file.read_text(encoding="utf-8")) or ()]
    return {entry["object"] for entry in entries if isinstance(entry, dict) and "object" in entry}


def example():
    blocks = re.findall(r"```python\n(.*?)```", EXAMPLE, re.DOTALL)
    spaces = [{"__name__": "example"} for _ in blocks]
    for block, space in zip(blocks, spaces, strict=True):
        exec(block, space)
    return spaces


@pytest.mark.parametrize("queue", QUEUES)
def test_each_queue_has_a_worker_a_mapping_a_line_of_the_procfile_and_a_place_in_the_contract(queue):
    procfile = (PROJECT / "Procfile").read_text(encoding="utf-8")
    worker = ast.parse((PROJECT / "workers" / f"{queue}.py").read_text(encoding="utf-8"))
    (contract,) = (one for one in PYPROJECT["tool"]["importlinter"]["contracts"] if one["type"] == "independence")
    assert f"QUEUE = '{queue}'" in map(ast.unparse, worker.body)
    assert len(re.findall(rf"-Q \S*\b{queue}\b", procfile)) == 2
    assert f"workers.{queue}" in contract["modules"]
    assert mapped_objects() & {name for name, kind in OBJECTS.items() if kind.queue == queue}


def test_the_contract_of_the_workers_names_the_queues_of_objects_and_no_others():
    (contract,) = (one for one in PYPROJECT["tool"]["importlinter"]["contracts"] if one["type"] == "independence")
    assert sorted(contract["modules"]) == sorted(f"workers.{queue}" for queue in QUEUES)


def test_each_object_of_a_module_stands_in_the_table():
    made = {
        kind
        for module in modules(xero_objects)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, XeroObject) and "name" in vars(kind)
    }
    assert made == {type(kind) for kind in OBJECTS.values()}


def test_each_route_of_a_sandbox_module_stands_in_the_routing_table_with_a_scope_of_xero():
    found = [route for module in modules(sandbox_objects) for route in getattr(module, "ROUTES", ())]
    assert sorted(map(str, found)) == sorted(map(str, sandbox_objects.ROUTES))
    assert all(route.scopes and GRANULAR_SCOPES.issuperset(route.scopes) for route in found)


def test_the_example_is_of_four_new_files_and_five_edits_in_files_that_are_there():
    new = [folder + name for name, folder in re.findall(r"^\| `(\S+)` \| `(\S+/)` \|", EXAMPLE, re.MULTILINE)]
    edited = re.findall(r"^\| `(\S+)` \| [^|]+ \|$", EXAMPLE, re.MULTILINE)
    assert (len(new), len(edited)) == (4, 5)
    assert [file for file in edited if not (PROJECT / file).is_file()] == []
    assert [file for file in new if (PROJECT / file).exists() or not (PROJECT / file).parent.is_dir()] == []


def test_the_object_of_the_example_writes_to_the_endpoint_of_the_example():
    kind_space, sandbox = example()
    kind = kind_space["ManualJournals"]()
    wanted = Wanted(key="payout-7", fields={"Date": "2026-11-01", "JournalLines": [{"LineAmount": 5}]})
    sent = kind.write([(wanted, kind.prepare(wanted, CONTEXT).payload)])
    (route,) = (one for one in sandbox["ROUTES"] if (one.method, one.path) == (sent.method, sent.path))
    world = World(SandboxOptions())
    book = next(iter(world.books.values()))
    book.manual_journals = Table(narration=lambda journal: journal["Narration"])
    request = Request(
        world=world,
        book=book,
        now=world.now(),
        method=sent.method,
        params={},
        query={},
        headers={},
        body=sent.body,
        fault=NO_FAULT,
        ignored=[],
    )
    (element,) = route.handle(request).data["ManualJournals"]
    assert route.is_open_to(frozenset({kind.scope}))
    assert kind.is_same(element, wanted, CONTEXT)
    assert kind.identify(element, wanted) == element["ManualJournalID"]
    assert book.manual_journals.find("narration", "payout-7") == element
