"""What can go wrong. Each error also is one of Python's own, and says the exit code of the program `engram`."""

import builtins


class Error(Exception):
    """Anything a user can cause: what was wanted, what was found, where, and what to do."""

    exit_code = 1

    def __init__(self, text="", exit_code=None):
        super().__init__(text)
        if exit_code is not None:
            self.exit_code = exit_code


class ConfigError(Error, ValueError):
    """All faults of an experiment or of parameters: `problems` holds (JSON pointer, text) of each."""

    exit_code = 2

    def __init__(self, problems, text=None):
        self.problems = [(problems, text)] if text is not None else list(problems)
        super().__init__("\n".join(f"{path or '/'}: {text}" for path, text in self.problems))

    def __reduce__(self):
        return ConfigError, (self.problems,)


class NumericError(Error, FloatingPointError):
    """A value that no model may reach: not a number, or infinite."""

    exit_code = 3


class MemoryError(Error, builtins.MemoryError):  # noqa: A001, the engine's own name
    """More memory than there is, foreseen or met."""

    exit_code = 4


class IoError(Error, OSError):
    """A file that cannot be read or written, or is not what it should be."""

    exit_code = 5


class DeviceError(Error, RuntimeError):
    """The device refused."""
