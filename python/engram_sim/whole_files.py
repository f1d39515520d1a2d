"""Files that are there as a whole or not at all, whatever a full disk or a signal does while they are written."""

import os
import pathlib
import secrets


def write(path, data):
    """Writes bytes to a name of its own beside the file, which takes the file's name when it is complete."""
    path = pathlib.Path(os.path.realpath(path))  # what a link leads to, not the link
    if path.exists() and not path.is_file():  # such as /dev/stdout, which nothing may replace
        path.write_bytes(data)
        return
    part = path.with_name(f".{secrets.token_hex(6)}.tmp")
    try:
        with open(part, "xb") as file:
            file.write(data)
        part.replace(path)
    except OSError as fault:  # a write that finds no room names no file
        raise OSError(fault.errno, fault.strerror, str(path)) from None
    finally:
        part.unlink(missing_ok=True)
