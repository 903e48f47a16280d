"""The evidence: a Merkle tree over the documents, and what is signed about it. No I/O, no clock."""
