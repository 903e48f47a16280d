"""A bundle proves its case to whoever reads it offline, and one of which a byte is another is refused."""

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec import json, structs
from typer.testing import CliRunner

from services.cli.evidence import checking, chronology
from services.cli.evidence.checking import OtherWriter
from services.cli.evidence.commands import app
from services.evidence import archive, bundle
from services.evidence.bundle import CHRONOLOGY, MANIFEST, README
from services.evidence.errors import BadBundle, EvidenceError
from services.evidence.keys import Algorithm, Signer
from tests.support import bundles, format_vectors, independent_verifier
from tests.support import independent_bundles as independent
from tests.support.bundles import LEDGER, SECOND, WITNESS, made, parts
from tests.support.time_authority import TimeAuthority

MADE = made()
STRANGER = Signer(bundles.ORIGIN, Algorithm.ED25519, b"s" * 32)
run = CliRunner().invoke


def flip(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def accepted(raw: bytes) -> bool:
    try:
        checking.check(raw, [])
    except EvidenceError:
        return False
    return True


def mended(members: dict[str, bytes]) -> bytes:
    """The archive of these members, with a manifest that is right about them."""
    head = [line for line in members[MANIFEST].splitlines() if line.startswith(b"#")]
    rest = [
        b"%s  %s" % (sha256(raw).hexdigest().encode(), name.encode())
        for name, raw in members.items()
        if name != MANIFEST
    ]
    return archive.write({**members, MANIFEST: b"\n".join([*head, *rest, b""])})


def test_a_bundle_is_the_same_whenever_it_is_made_and_is_verified() -> None:
    assert made() == MADE
    proven = checking.check(MADE, [LEDGER.verifier, WITNESS.verifier])
    assert (proven.case, proven.head.size, [each.position for each in proven.parts.documents]) == (
        "case-1",
        7,
        [2, 3, 6],
    )
    assert [(each.key, each.time) for each in proven.witnesses] == [(WITNESS.verifier, bundles.SEEN_AT)]
    with zipfile.ZipFile(io.BytesIO(MADE)) as opened:
        assert opened.testzip() is None
        assert {name: opened.read(name) for name in opened.namelist()} == archive.read(MADE)


def test_a_bundle_of_which_any_byte_is_another_is_refused() -> None:
    assert [at for at in range(len(MADE)) if accepted(flip(MADE, at))] == []


def test_a_bundle_of_which_any_byte_is_another_is_refused_though_all_sums_were_mended() -> None:
    members = archive.read(MADE)
    for name, raw in members.items():
        mend = archive.write if name == MANIFEST else mended
        step = 97 if name in (README, CHRONOLOGY) else 1 if name.startswith("documents/") else 5
        assert [
            at for at in range(0, len(raw), step) if accepted(mend({**members, name: flip(raw, at)}))
        ] == [], name


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_STORED, comment: bytes = b"") -> bytes:
    """The members in an archive by another hand."""
    with zipfile.ZipFile(to := io.BytesIO(), "w", method) as other:
        other.comment = comment
        for name, raw in members.items():
            other.writestr(name, raw)
    return to.getvalue()


def without(*names: str) -> dict[str, bytes]:
    return {name: raw for name, raw in archive.read(MADE).items() if name not in names}


MEMBERS = archive.read(MADE)
EVIL = {**MEMBERS, "../evil": b"x"}
DUPLICATE = MADE[: MADE.index(b"PK\x03\x04", 1)]


@pytest.mark.parametrize(
    "changed",
    [
        b"",
        MADE + b"\0",
        b"\0" + MADE,
        MADE[:-2] + b"\x01\x00!",
        DUPLICATE + MADE,
        zipped(MEMBERS),
        zipped(MEMBERS, zipfile.ZIP_DEFLATED),
        zipped(MEMBERS, comment=b"more"),
        zipped(EVIL),
        archive.write({**MEMBERS, "more.txt": b"x"}),
        mended({**MEMBERS, "more.txt": b"x"}),
        archive.write(dict(reversed(MEMBERS.items()))),
        mended(dict(reversed(MEMBERS.items()))),
        *(archive.write(without(name)) for name in MEMBERS),
        archive.write({}),
    ],
)
def test_an_archive_that_is_not_of_the_one_form_is_refused(changed: bytes) -> None:
    assert not accepted(changed)


def test_an_archive_that_would_unpack_to_more_than_it_is_is_refused_unread() -> None:
    bomb = zipped({**MEMBERS, CHRONOLOGY: bytes(50_000_000)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 200_000
    with pytest.raises(BadBundle):
        archive.read(bomb)
    with pytest.raises(BadBundle, match="longer than"):
        archive.read(bytes(archive.MOST_BYTES + 1))


def test_an_archive_of_very_many_members_is_given_up_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", len(MEMBERS) - 1)
    with pytest.raises(BadBundle, match="it has more than"):
        archive.read(MADE)


def test_an_event_left_out_from_between_is_missed() -> None:
    whole = parts()
    with pytest.raises(BadBundle, match="it is event 3 of its case, where 2 belongs"):
        checking.make(structs.replace(whole, documents=(whole.documents[0], whole.documents[2])))


def test_later_events_may_be_left_out_and_the_pages_say_so() -> None:
    whole = parts()
    shorter = checking.make(structs.replace(whole, documents=whole.documents[:2]))
    assert accepted(shorter)
    assert b"That nothing was recorded afterwards." in archive.read(shorter)[CHRONOLOGY]


def test_events_of_another_case_do_not_come_in() -> None:
    whole = parts()
    strange = structs.replace(whole.documents[1], raw=bundles.stored(1, 3, case="case-2"))
    with pytest.raises(BadBundle, match="it is of case-2, not of case-1"):
        checking.make(structs.replace(whole, documents=(whole.documents[0], strange)))


@pytest.mark.parametrize("ending", [b'"\xff"}', b"[" * 100_000, b"1e999}", b"}", b'{"a":1}}\n'])
def test_what_is_no_document_is_refused_as_everything_else_is(ending: bytes) -> None:
    whole = parts()
    strange = structs.replace(whole.documents[0], raw=b'{"position":2,"subject":' + ending)
    with pytest.raises(BadBundle, match=r"documents/0000000002\.json: it is no document"):
        checking.make(structs.replace(whole, documents=(strange,)))


def test_a_bundle_by_another_key_is_refused_by_whoever_has_the_ledger_s() -> None:
    forged = checking.make(parts([STRANGER]))
    assert accepted(forged)  # it is all of one piece, which is all that it can say for itself
    with pytest.raises(EvidenceError, match=r"not signed by the key ledger\.example/children"):
        checking.check(forged, [LEDGER.verifier])


def test_every_key_that_is_given_must_have_signed() -> None:
    both = checking.make(parts([LEDGER, SECOND]))
    checking.check(both, [LEDGER.verifier, SECOND.verifier])
    with pytest.raises(EvidenceError, match=r"is not signed by the key witness\.example/w1"):
        checking.check(both, [LEDGER.verifier, WITNESS.verifier])
    former = [STRANGER.verifier, Signer(bundles.ORIGIN, Algorithm.ML_DSA_44, b"f" * 32).verifier]
    checking.check(both, [LEDGER.verifier, SECOND.verifier, *former])  # as the ledger's key file lists them
    with pytest.raises(EvidenceError, match="is not signed by the key"):
        checking.check(both, former)
    with pytest.raises(EvidenceError, match="is not signed by the key"):
        checking.check(checking.make(parts([LEDGER])), [LEDGER.verifier, SECOND.verifier, *former])


def test_the_chronology_runs_nothing_and_shows_what_was_voided_and_no_name() -> None:
    page = MEMBERS[CHRONOLOGY].decode()
    assert "Jamie" not in page
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert re.search(r'class="event void"><b>2</b>\s*<p>A contact was received', page)
    assert (
        "By 29 March 2018, 13:00 the witness <code>witness.example/w1</code> had seen the same tree" in page
    )


def by_another_version(change: Callable[[bytes], bytes]) -> bytes:
    """A bundle whose pages another version made, in other words."""
    made = checking.make(structs.replace(parts(), writer="caseledger 9.0"))
    members = archive.read(made)
    return mended({**members, CHRONOLOGY: change(members[CHRONOLOGY])})


def test_pages_by_another_version_in_the_same_words_are_verified() -> None:
    assert accepted(by_another_version(lambda page: page))


def test_pages_by_another_version_in_other_words_are_told_from_what_is_proven() -> None:
    with pytest.raises(OtherWriter, match=r"it says that caseledger 9\.0 made it") as other:
        checking.check(by_another_version(lambda page: page.replace(b"contact", b"call")), [])
    assert chronology.render(other.value.proven) != MEMBERS[CHRONOLOGY]  # the writer, at the end


def test_what_a_bundle_names_cannot_drive_the_terminal_of_who_verifies_it(tmp_path: Path) -> None:
    members = archive.read(checking.make(structs.replace(parts(), writer="caseledger \x1b[2J")))
    file = tmp_path / "case-1.zip"
    file.write_bytes(mended({**members, CHRONOLOGY: members[CHRONOLOGY].replace(b"contact", b"call")}))
    said = run(app, ["verify", str(file)])
    assert (said.exit_code, "\x1b" in said.output, "\\u001b[2J" in said.output) == (3, False, True)


def test_the_command_says_what_is_proven_offline(tmp_path: Path) -> None:
    file, key = tmp_path / "case-1.zip", tmp_path / "keys"
    file.write_bytes(MADE)
    key.write_text(f"{LEDGER.verifier}\n")
    said = run(app, ["verify", str(file), "--key", str(key), "--key", str(WITNESS.verifier), "--json"])
    assert said.exit_code == 0
    answer = json.decode(said.stdout)
    assert (answer["verified"], answer["proven"], answer["events"], answer["origin"]) == (
        True,
        True,
        3,
        bundles.ORIGIN,
    )
    assert answer["witnessed_by"] == [
        {"key": str(WITNESS.verifier), "given": True, "time": "2018-03-29T12:00:02Z"}
    ]
    unkeyed = run(app, ["verify", str(file)])
    assert unkeyed.exit_code == 0
    assert "Nobody else vouches for these keys" in unkeyed.stdout


def test_the_command_ends_with_1_for_what_is_refused_and_with_3_for_other_pages(tmp_path: Path) -> None:
    file, page = tmp_path / "case-1.zip", tmp_path / "anew.html"
    file.write_bytes(mended({**MEMBERS, "documents/0000000003.json": bundles.stored(2, 3)}))
    refused = run(app, ["verify", str(file), "--json"])
    assert (refused.exit_code, json.decode(refused.stdout)["member"]) == (1, "documents/0000000003.json")
    file.write_bytes(by_another_version(lambda page: page + b"<p>More.</p>"))
    other = run(app, ["verify", str(file), "--chronology", str(page), "--json"])
    answer = json.decode(other.stdout)
    assert (other.exit_code, answer["verified"], answer["proven"]) == (3, False, True)
    assert b"A contact was received" in page.read_bytes()
    assert run(app, ["verify", str(file), "--key", "no key"]).exit_code == 2


def test_a_time_stamp_is_shown_and_proven_by_whoever_trusts_its_authority(tmp_path: Path) -> None:
    authority, stranger = TimeAuthority(), TimeAuthority("strangers")
    authority.now = datetime(2018, 3, 29, 12, 30, tzinfo=UTC)
    stamped = checking.make(parts([LEDGER, SECOND, WITNESS], authority=authority))
    assert "signed by 29 March 2018, 13:30, says the time stamp" in archive.read(stamped)[CHRONOLOGY].decode()
    assert independent.check_bundle(stamped)
    (file := tmp_path / "case.zip").write_bytes(stamped)
    (tmp_path / "own.pem").write_bytes(authority.certificates)
    (tmp_path / "other.pem").write_bytes(stranger.certificates)
    own, other, none = (
        run(app, ["verify", str(file), "--json", *more])
        for more in (
            ["--authority", str(tmp_path / "own.pem")],
            ["--authority", str(tmp_path / "other.pem")],
            [],
        )
    )
    assert json.decode(own.stdout)["timestamp"] == {"time": "2018-03-29T12:30:00Z", "given": True}
    assert json.decode(none.stdout)["timestamp"] == {"time": "2018-03-29T12:30:00Z", "given": False}
    assert (own.exit_code, other.exit_code, none.exit_code) == (0, 1, 0)
    strange = structs.replace(parts(), stamp=parts([STRANGER], authority=authority).stamp)
    with pytest.raises(BadBundle, match="the time stamp is of something else"):
        checking.make(strange)


def test_the_readme_s_steps_work_and_find_what_was_changed(tmp_path: Path) -> None:
    authority = TimeAuthority()
    with zipfile.ZipFile(io.BytesIO(checking.make(parts(authority=authority)))) as opened:
        opened.extractall(tmp_path)
    (tmp_path / "AUTHORITY.pem").write_bytes(authority.certificates)
    readme = (tmp_path / README).read_text()
    program = re.search(r"^# check\.py$.*?^# end$", readme, re.MULTILINE | re.DOTALL)
    assert program
    (tmp_path / "check.py").write_text(program[0])
    steps = re.findall(r"^     ((?:sha256sum|python3|openssl).*(?:\n       .*)*)", readme, re.MULTILINE)
    steps = [step.partition("  (")[0].replace("python3", sys.executable) for step in steps]
    assert [step.split()[0].rpartition("/")[2][:6] for step in steps] == [
        "sha256",
        "python",
        *["openss"] * 3,
    ]

    def results() -> list[int]:
        return [
            subprocess.run(["sh", "-c", step], cwd=tmp_path, capture_output=True, check=False).returncode
            for step in steps
        ]

    assert results() == [0] * 5
    (tmp_path / "keys.txt").write_text(f"{LEDGER.verifier}\n")
    assert [bool(each) for each in results()] == [True, True, False, False, False]
    (tmp_path / "keys.txt").write_bytes(MEMBERS["keys.txt"])
    (tmp_path / "documents" / "0000000003.json").write_bytes(
        bundles.stored(1, 3).replace(b"contact-2", b"contact-3")
    )
    assert [bool(each) for each in results()] == [True, True, False, False, False]
    (tmp_path / "1.sig").write_bytes(bytes(64))
    assert [bool(each) for each in results()] == [True, True, True, False, False]


def taken(raw: bytes) -> bool:
    try:
        independent.check_bundle(raw)
    except ValueError:
        return False
    return True


def test_the_independent_verifier_takes_our_bundles_and_none_with_a_byte_other() -> None:
    known = [independent_verifier.read_key(str(key)) for key in (LEDGER.verifier, WITNESS.verifier)]
    checked = independent.check_bundle(MADE, known)
    assert (checked.case, checked.documents) == ("case-1", [each.raw for each in parts().documents])
    post_quantum = checking.make(parts([LEDGER, SECOND, WITNESS]))
    assert len(independent.check_bundle(post_quantum, known).signed_by) == 3
    assert [at for at in range(0, len(MADE), 29) if taken(flip(MADE, at))] == []
    for name, raw in MEMBERS.items():  # of the pages and of who made them it can only say what was found
        if name not in (README, CHRONOLOGY, MANIFEST):
            changed = (mended({**MEMBERS, name: flip(raw, at)}) for at in range(0, len(raw), 11))
            assert not any(map(taken, changed)), name
    with pytest.raises(ValueError, match="has not signed"):
        independent.check_bundle(MADE, [independent_verifier.read_key(str(STRANGER.verifier))])


def test_the_bundle_of_the_vectors_is_the_one_that_its_members_make() -> None:
    vector = format_vectors.vectors()["bundle"]
    raw = archive.write({name: text.encode() for name, text in vector["members"].items()})
    assert (len(raw), sha256(raw).hexdigest()) == (vector["length"], vector["sha256"])
    proven, _ = bundle.read(raw)
    assert (proven.case, [each.position for each in proven.parts.documents]) == ("case-1", [1, 3])
    assert independent.check_bundle(raw).case == "case-1"


def test_the_independent_verifier_of_bundles_is_short_and_shares_no_code() -> None:
    source = Path(independent.__file__).read_text()
    imported = {
        name.partition(".")[0] for name in re.findall(r"^(?:from|import) (\S+)", source, re.MULTILINE)
    }
    assert imported <= {*sys.stdlib_module_names, "tests"}
    assert set(re.findall(r"^from tests(\S*) import (.+)$", source, re.MULTILINE)) == {
        (".support", "independent_verifier as ledger"),
        (".support.independent_verifier", "Key, need"),
    }
    assert len(source.splitlines()) < 150


def test_a_case_alone_is_asked_to_be_handed_over_and_no_evidence_is_written_over(tmp_path: Path) -> None:
    (file := tmp_path / "case-1.zip").write_bytes(MADE)
    for words in (
        ["case-1", "-o", str(file)],
        ["-o", str(file), "case-1"],
        ["make", "verify", "-o", str(file)],
    ):
        said = run(app, words)
        assert (said.exit_code, "is there already" in said.stderr) == (1, True)
    assert file.read_bytes() == MADE


def test_a_file_that_cannot_be_read_is_not_refused_but_could_not_be_verified(tmp_path: Path) -> None:
    for path, why in ((tmp_path / "none.zip", "no such file"), (tmp_path, "directory")):
        ended = run(app, ["verify", "--json", str(path)])
        found = json.decode(ended.stdout)
        assert (ended.exit_code, found["verified"], found["proven"]) == (2, None, None)
        assert why in found["reason"]
        assert "could not be verified" in ended.stderr
