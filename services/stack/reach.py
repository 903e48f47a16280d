"""Let one unprivileged account reach one directory below root's private ones, and nobody else.

Postgres refuses to run as root. When we are root, its programs and its data may lie below directories
(`/root`, a test's temporary directory) that its account may not pass through.
"""

import errno
import os
import stat
import struct
import sys
from pathlib import Path

_ACL = "system.posix_acl_access"
_HEADER, _ENTRY = struct.Struct("<I"), struct.Struct("<HHI")
_VERSION, _NO_ID = 2, 0xFFFFFFFF
_USER_OBJ, _USER, _GROUP_OBJ, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_SEARCH = 1
_READ = stat.S_IRGRP | stat.S_IROTH
_READ_AND_RUN = _READ | stat.S_IXGRP | stat.S_IXOTH

_Entries = dict[tuple[int, int], int]


def open_way(path: Path, uid: int) -> None:
    """Grant `uid` the right to pass through (not to list) each directory above `path` that refuses it."""
    for directory in path.resolve().parents:
        status = directory.stat()
        if status.st_uid != uid and not status.st_mode & stat.S_IXOTH:
            _grant_search(directory, uid, status.st_mode)


def open_tree(tree: Path) -> None:
    """Make a tree of published programs readable to all, should a strict umask have hidden it."""
    if not tree.exists() or tree.stat().st_mode & stat.S_IROTH:
        return
    for entry in (tree, *tree.rglob("*")):
        if not entry.is_symlink():
            mode = stat.S_IMODE(entry.stat().st_mode)
            entry.chmod(mode | (_READ_AND_RUN if mode & stat.S_IXUSR else _READ))


def _grant_search(directory: Path, uid: int, mode: int) -> None:
    """One access control entry for `uid`; where the file system knows none, search permission for all."""
    if sys.platform == "linux":
        try:
            entries = _read_acl(directory, mode)
            if entries.get((_USER, uid), 0) & _SEARCH and entries.get((_MASK, _NO_ID), 0) & _SEARCH:
                return
            entries[_USER, uid] = entries.get((_USER, uid), 0) | _SEARCH
            entries[_MASK, _NO_ID] = entries.get((_MASK, _NO_ID), entries[_GROUP_OBJ, _NO_ID]) | _SEARCH
            os.setxattr(directory, _ACL, _encode_acl(entries))
        except OSError as error:
            if error.errno != errno.ENOTSUP:
                raise
        else:
            return
    directory.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _read_acl(directory: Path, mode: int) -> _Entries:
    """The access control list, keyed by tag and id; a plain directory's three entries come from its mode."""
    if sys.platform != "linux":
        return {}
    try:
        stored = os.getxattr(directory, _ACL)
    except OSError as error:
        if error.errno != errno.ENODATA:
            raise
        return {
            (_USER_OBJ, _NO_ID): mode >> 6 & 7,
            (_GROUP_OBJ, _NO_ID): mode >> 3 & 7,
            (_OTHER, _NO_ID): mode & 7,
        }
    return {(tag, who): granted for tag, granted, who in _ENTRY.iter_unpack(stored[_HEADER.size :])}


def _encode_acl(entries: _Entries) -> bytes:
    """The kernel's form: a version, then the entries in the order of their tags and ids."""
    packed = (_ENTRY.pack(tag, granted, who) for (tag, who), granted in sorted(entries.items()))
    return _HEADER.pack(_VERSION) + b"".join(packed)
