"""Events, for scripts that send them by Net.handle()."""

NAMES = ("cycle", "trial", "epoch", "batch")


class Frequency:
    """When something is logged."""

    def __init__(self, name):
        self.name = name

    @staticmethod
    def names():
        """("cycle", "trial", "epoch", "batch")"""
        return NAMES

    @staticmethod
    def from_name(name):
        """The frequency of this name; ValueError for another."""
        if name not in NAMES:
            raise ValueError(f"found {name!r}; allowed are {', '.join(NAMES)}")
        return Frequency(name)


class Event:
    """What Net.handle() takes; the classes below."""


class Cycle(Event):
    """One step of all units."""


class BeginMinusPhase(Event):
    """The guess begins: nothing is to be done for it."""


class EndMinusPhase(Event):
    """Keeps the activations as those of the guess."""


class BeginPlusPhase(Event):
    """The answer begins: nothing is to be done for it."""


class EndPlusPhase(Event):
    """Keeps the activations as those of the answer."""


class EndTrial(Event):
    """Has the logs of trials record."""


class EndEpoch(Event):
    """Has the logs of epochs record."""


class EndBatch(Event):
    """Has the logs of batches record."""


class Learn(Event):
    """All projections learn from the two phases."""


class HardClamp(Event):
    """Holds a layer at these activations, each from 0 to 1 (ValueError else)."""

    def __init__(self, layer_name, acts):
        if any(not 0 <= a <= 1 for a in acts):
            raise ValueError("acts: allowed is 0 to 1")
        self.layer_name, self.acts = layer_name, acts


class Unclamp(Event):
    """Lets the activations of a layer change again."""

    def __init__(self, layer_name):
        self.layer_name = layer_name


class _Logging(Event):
    def __init__(self, freq_name):
        self.freq = Frequency.from_name(freq_name)


class PauseLogging(_Logging):
    """Logs of this frequency record no more; ValueError for another name."""


class ResumeLogging(_Logging):
    """Logs of this frequency record again; ValueError for another name."""
