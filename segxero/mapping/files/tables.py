"""Reads tables: a file in `tables/`, or the tables of an organisation in `organisations.yaml`."""

from typing import Any

from segxero.mapping.files.strict_yaml import YamlFile
from segxero.mapping.values.paths import extend_pointer
from segxero.mapping.values.plain_text import plain_text


def read_table(document: YamlFile) -> dict[str, Any]:
    """Read a file; faults are noted in *document*."""
    if document.value is None and document.faults:
        return {}
    return read_rows(document, "", document.value)


def read_rows(document: YamlFile, path: str, value: Any) -> dict[str, Any]:
    """Read the rows at *path*. They are texts, so that account code 200 and "200" are the same."""
    if not isinstance(value, dict):
        document.fault(path, "should be a table: one line for each row, such as Books: 200")
        return {}
    for key, row in value.items():
        if row is None or isinstance(row, bool | list | dict) or plain_text(row).strip() == "":
            document.fault(extend_pointer(path, key), "should have one text or number behind the colon")
    return {key: plain_text(row) for key, row in value.items()}
