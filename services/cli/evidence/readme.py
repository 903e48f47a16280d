"""A bundle's README.txt: how to check the bundle without this software. What it tells to type, works."""

from textwrap import fill
from typing import Final

from services.evidence.bundle import Proven
from services.evidence.keys import Algorithm
from services.runtime.clock import text

_WHAT: Final = """\
EVIDENCE OF CASE {case}

{intro}

  chronology.html   the events in words, to be read in any browser or printed
  documents/        each event, byte for byte as the ledger stored it;
                    the file's name is its position in the ledger
  proofs/           for each document the proof that it is in the tree
                    (C2SP tlog-proof, RFC 6962)
  checkpoint.txt    what the ledger signed: its name, how many documents its
                    tree has, the tree's root; then one line a signature
                    (C2SP tlog-checkpoint)
  keys.txt          the public keys of those signatures, in the same order
{stamp_file}  manifest.sha256   the SHA-256 of every other file

The documents hold what happened to a child, in codes and dates: keep them as
you would keep the case file. Names and what people said are in "sealed",
encrypted; only the council can open it, and its ledger records who asks.


HOW TO CHECK IT

You need Python 3.8 or later and OpenSSL 3; not the software that wrote this.
Unpack the archive into a directory of its own and open a terminal there.

1. See that all is as it was packed. (This finds accidents. Who changes a file
   on purpose can change the manifest, too; that is what the next steps find.)

     sha256sum -c manifest.sha256        (on macOS: shasum -a 256 -c)

2. See that each document is in the tree that was signed. Take the program at
   the end of this file; read it: it is short, and uses nothing but Python.

     sed -n '/^# check.py/,/^# end/p' README.txt > check.py
     python3 check.py

   It says so, or names the first file that is wrong, and writes files for the
   next step.

3. See that the ledger signed that tree. Each of these prints "Signature
   Verified Successfully".

{openssl}

4. See whose key that is. Anybody can make a key and a bundle that is signed
   with it. So the key is to be the one that the council has made known, or
   that you or somebody you trust kept from before. The ledger's key in here:

     {key}

{stamp}
WHAT THAT PROVES, AND WHAT NOT

Proven by the ledger's key: that each document is, byte for byte, at its
position in the tree that the ledger signed. The ledger cannot show anybody
else a tree without them that is consistent with this one.

Proven by the documents: that none is missing in between. A ledger numbers the
events of a case ("caseversion"), and these are 1 to {count}.

Proven by making it again: chronology.html. Nobody signs it. "caseledger
evidence verify" makes it anew from the documents and compares every byte; by
hand, compare it with the documents.

Not proven: that what was recorded is true; that nothing was recorded later;
when it was recorded, beyond the word of the ledger and of those who
cosigned or stamped the checkpoint.

With the software, offline: caseledger evidence verify FILE.zip --key KEY
This was written by {writer}. The format is documented in its
docs/reference/ledger-format.md.
"""

_STAMP_FILE: Final = """\
  timestamp.tsr     an authority's time stamp of the checkpoint (RFC 3161)
"""

_STAMP: Final = """\
5. See when it was signed at the latest. The time stamp says {at}.
   Take the certificates of the authority that gave it from that authority;
   stamped.txt is from step 2.

     openssl ts -verify -in timestamp.tsr -data stamped.txt \\
       -CAfile AUTHORITY.pem

"""

_OPENSSL: Final = """\
     openssl pkeyutl -verify -pubin -inkey {nth}.pem -rawin \\
       -in {nth}.msg -sigfile {nth}.sig
"""

_PROGRAM: Final = '''\
# check.py
import base64, hashlib, json, pathlib, sys

def need(good, wrong):
    if not good:
        sys.exit("WRONG: " + wrong)

def node(left, right):
    return hashlib.sha256(b"\\1" + left + right).digest()

def climb(leaf, index, size, path):
    """The root to which a leaf's path leads (RFC 6962, section 2.1.1)."""
    if size == 1 and not path:
        return leaf
    need(size > 1 and path and 0 <= index < size, "a path of another length")
    k = 1 << (size - 1).bit_length() - 1
    if index < k:
        return node(climb(leaf, index, k, path[:-1]), path[-1])
    return node(path[-1], climb(leaf, index - k, size - k, path[:-1]))

here = pathlib.Path()
checkpoint = (here / "checkpoint.txt").read_bytes()
text, _, lines = checkpoint.rpartition(b"\\n\\n")
text += b"\\n"
origin, size, root = text.decode().split("\\n")[:3]
cases = set()
found = sorted((here / "documents").iterdir(), key=lambda file: int(file.stem))
for nth, file in enumerate(found, 1):
    document = file.read_bytes()
    said = json.loads(document)
    cases.add(said["subject"])
    need(len(cases) == 1, "%s is of another case" % file)
    need(said["position"] == int(file.stem), "%s is of another position" % file)
    need(said["caseversion"] == nth, "an event is missing before %s" % file)
    proof = (here / "proofs" / (file.stem + ".tlog-proof")).read_bytes()
    head, _, rest = proof.partition(b"\\n\\n")
    need(rest == checkpoint, "the proof of %s is for another checkpoint" % file)
    path = [base64.b64decode(line) for line in head.split(b"\\n")[2:]]
    leaf = hashlib.sha256(b"\\0" + document).digest()
    climbed = climb(leaf, int(file.stem) - 1, int(size), path)
    need(climbed == base64.b64decode(root), "%s is not in the tree" % file)
own = [line for line in lines.decode().splitlines() if line.split(" ")[1] == origin]
stamped = text + b"\\n" + "".join(line + "\\n" for line in own).encode()
if (here / "timestamp.tsr").exists():
    (here / "stamped.txt").write_bytes(stamped)

print("All %d documents of case %s are in the tree" % (len(found), *cases))
print("of %s documents whose root is in checkpoint.txt." % size)

keys = (here / "keys.txt").read_text("utf-8").splitlines()
lines = lines.decode().splitlines()
need(len(keys) == len(lines), "keys.txt has not a key for each signature")
for nth, (key, line) in enumerate(zip(keys, lines), 1):
    name, key_id, public = key.split("+", 2)
    public, made = base64.b64decode(public), base64.b64decode(line.split(" ")[2])
    whole = hashlib.sha256(name.encode() + b"\\n" + public).hexdigest()
    need(whole[:8] == key_id == made[:4].hex(), "key %d did not sign line %d" % (nth, nth))
    if public[0] == 1:  # Ed25519, the ledger
        message, signature = text, made[4:]
    elif public[0] == 4:  # Ed25519 with a time, a witness
        time = int.from_bytes(made[4:12], "big")
        message, signature = b"cosignature/v1\\ntime %d\\n" % time + text, made[12:]
    else:
        print("Line %d is ML-DSA-44: see ledger-format.md for what it signs." % nth)
        continue
    der = bytes.fromhex("302a300506032b6570032100") + public[1:]
    pem = "-----BEGIN PUBLIC KEY-----\\n%s\\n-----END PUBLIC KEY-----\\n"
    (here / ("%d.pem" % nth)).write_text(pem % base64.b64encode(der).decode())
    (here / ("%d.msg" % nth)).write_bytes(message)
    (here / ("%d.sig" % nth)).write_bytes(signature)
    print("Wrote %d.pem, %d.msg and %d.sig: the signature of %s." % (nth, nth, nth, name))
# end
'''


def render(proven: Proven) -> bytes:
    """The whole text, in UTF-8."""
    parts, signed = proven.parts, (*proven.ledger, *proven.witnesses)
    count = len(parts.documents)
    events = "the one event" if count == 1 else f"the {count} events"
    intro = (
        f"This archive holds {events} that the ledger {proven.head.origin} had recorded of this case, with "
        f"the proof that nobody has changed, inserted or left out one of them since."
    )
    commands = [
        _OPENSSL.format(nth=nth)
        for nth, each in enumerate(signed, 1)
        if each.key.algorithm is not Algorithm.ML_DSA_44
    ]
    said = _WHAT.format(
        case=proven.case,
        intro=fill(intro, 78, break_long_words=False, break_on_hyphens=False),
        openssl="\n".join(commands).rstrip("\n"),
        key=proven.ledger[0].key,
        count=count,
        stamp_file=_STAMP_FILE if proven.stamped_at else "",
        stamp=_STAMP.format(at=text(proven.stamped_at)) if proven.stamped_at else "",
        writer=parts.writer,
    )
    return f"{said}\n\n{_PROGRAM}".encode()
