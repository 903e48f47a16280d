"""Every HTTP client in the code trusts whom an operator names, and takes no proxy from the environment."""

import ast
from pathlib import Path
from typing import Final

import services

WANTED: Final = {"verify", "trust_env"}
MADE: Final = {"AsyncClient", "Client", "get", "post", "put", "request", "stream"}


def calls() -> list[tuple[str, set[str]]]:
    """Each call that opens a connection, where it stands, and the arguments that it is given by name."""
    found = []
    for file in Path(services.__path__[0]).rglob("*.py"):
        source = file.read_text()
        for node in ast.walk(ast.parse(source)) if "httpx" in source else ():
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="httpx"), attr=name)) if name in MADE:
                    found.append((f"{file}:{node.lineno}", {each.arg or "" for each in node.keywords}))
    return found


def test_each_says_whom_it_trusts() -> None:
    found = calls()
    assert len(found) > 10
    assert [where for where, named in found if not named >= WANTED] == []
