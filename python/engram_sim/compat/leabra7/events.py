"""Events, for scripts that send them by Net.handle()."""

NAMES = ("cycle", "trial", "epoch", "batch")


class Frequency:
    """When something is logged."""

    def __init__(self, name):
        self.name = name

    @staticmethod
    def names():
        return NAMES

    @staticmethod
    def from_name(name):
        if name not in NAMES:
            raise ValueError(f"found {name!r}; allowed are {', '.join(NAMES)}")
        return Frequency(name)


class Event:
    pass


class Cycle(Event):
    pass


class BeginMinusPhase(Event):
    pass


class EndMinusPhase(Event):
    pass


class BeginPlusPhase(Event):
    pass


class EndPlusPhase(Event):
    pass


class EndTrial(Event):
    pass


class EndEpoch(Event):
    pass


class EndBatch(Event):
    pass


class Learn(Event):
    pass


class HardClamp(Event):
    def __init__(self, layer_name, acts):
        if any(not 0 <= a <= 1 for a in acts):
            raise ValueError("acts: allowed is 0 to 1")
        self.layer_name, self.acts = layer_name, acts


class Unclamp(Event):
    def __init__(self, layer_name):
        self.layer_name = layer_name


class _Logging(Event):
    def __init__(self, freq_name):
        self.freq = Frequency.from_name(freq_name)


class PauseLogging(_Logging):
    pass


class ResumeLogging(_Logging):
    pass
