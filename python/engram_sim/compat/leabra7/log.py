"""What was logged, and who logs it. Networks make loggers, of the log_on_* lists of specifications."""

import collections

Logs = collections.namedtuple("Logs", ["whole", "parts"])


class Logger:
    """Logs attributes of one object at one frequency."""

    def __init__(self, net, target_name, freq, attrs):
        self._net = net
        self.target_name, self.freq, self.attrs = target_name, freq, tuple(attrs)

    @property
    def name(self):
        """Such as input_cycle_logger."""
        return f"{self.target_name}_{self.freq.name}_logger"

    def to_logs(self):
        """Logs(whole, parts), as Net.logs() gives them."""
        return self._net.logs(self.freq.name, self.target_name)
