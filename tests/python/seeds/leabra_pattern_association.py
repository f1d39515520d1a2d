# Leabra7, appendix B of its paper.
# Repairs: the indentation, which publication took; format strings after a percent sign; documentation strings are left out; a number of the last pattern.
import logging
import sys
from typing import Dict
from typing import List
from typing import Iterable
from typing import Tuple
from typing import Union
import numpy as np # type: ignore
import pandas as pd # type: ignore
import leabra7 as lb # type: ignore
LoggerType = Union[None, logging.Logger, logging.LoggerAdapter]
def load_data() -> Tuple[np.ndarray, np.ndarray]:
    # yapf: disable
    X = np.array([
        [1, 1, 1, 0],
        [0, 1, 1, 1],
        [0, 1, 0, 1],
        [0, 1, 0, 0],
        ])
    Y = np.array([
        [1, 0],
        [1, 0],
        [0, 1],
        [0, 1]
        ])
    # yapf: enable
    return (X, Y)
def build_network(logger: LoggerType = None) -> lb.Net:
    if logger is None:
        logger = logging.getLogger()
    logger.info("Building network")
    net = lb.Net()
    # Layers
    layer_spec = lb.LayerSpec(
        gi=1.5,
        ff=1,
        fb=0.5,
        fb_dt=0.7,
        log_on_epoch=("unit_act", ),
        unit_spec=lb.UnitSpec(
        adapt_dt=0,
        vm_gain=0,
        spike_gain=0,
        ss_dt=1,
        s_dt=0.2,
        m_dt=0.15,
        l_dn_dt=0.4,
        l_up_inc=0.15,
        vm_dt=0.3,
        net_dt=0.7))
    net.new_layer("input", size=4, spec=layer_spec)
    net.new_layer("output", size=2, spec=layer_spec)
    # Projections
    spec = lb.ProjnSpec(
        lrate=0.02,
        dist=lb.Uniform(0.25, 0.75),
        thr_l_mix=0.01,
        cos_diff_lrate=False)
    net.new_projn("input_to_output", pre="input", post="output", spec=spec)
    return net
def trial(network: lb.Net, input_pattern: Iterable[float],
    output_pattern: Iterable[float]) -> None:
    network.clamp_layer("input", input_pattern)
    network.minus_phase_cycle(num_cycles=100)
    network.clamp_layer("output", output_pattern)
    network.plus_phase_cycle(num_cycles=20)
    network.unclamp_layer("input")
    network.unclamp_layer("output")
    network.learn()
def epoch(network: lb.Net, input_patterns: np.ndarray,
    output_patterns: np.ndarray) -> None:
    for x, y in zip(input_patterns, output_patterns):
        trial(network, x, y)
    network.end_epoch()
def mse_thresh(expected: np.ndarray, actual: np.ndarray) -> float:
    diff = np.abs(expected - actual)
    diff[diff < 0.5] = 0
    return np.mean(diff * diff)
def train(network: lb.Net,
    input_patterns: np.ndarray,
    output_patterns: np.ndarray,
    num_epochs: int = 3000,
    logger: LoggerType = None) -> pd.DataFrame:
    if logger is None:
        logger = logging.getLogger()
    logger.info("Begin training")
    data: Dict[str, List[float]] = {
        "epoch": [],
        "train_loss": [],
        }
    perfect_epochs = 0
    for i in range(num_epochs):
        epoch(network, input_patterns, output_patterns)
        pred = predict(network, input_patterns)
        data["epoch"].append(i)
        data["train_loss"].append(mse_thresh(output_patterns, pred))
        logger.info("Epoch %d, loss %f", i, data["train_loss"][-1])
        if data["train_loss"][-1] == 0:
            perfect_epochs += 1
        else:
            perfect_epochs = 0
        if perfect_epochs == 3:
            logger.info("Ending training after %d perfect epochs", perfect_epochs)
            break
    return pd.DataFrame(data)
def output(network: lb.Net, pattern: Iterable[float]) -> List[float]:
    network.clamp_layer("input", pattern)
    for _ in range(50):
        network.cycle()
    network.unclamp_layer("input")
    out = network.observe("output", "unit_act")["act"].values
    return list(out)
def predict(network: lb.Net, input_patterns: np.ndarray) -> np.ndarray:
    outputs = []
    for item in input_patterns:
        outputs.append(output(network, item))
    return np.array(outputs)
if __name__ == "__main__":
    PROJ_NAME = "pat_assoc"
    logging.basicConfig(
        level=logging.DEBUG,
        format="%(message)s",
        handlers=(logging.FileHandler(
        "{0}_log.txt".format(PROJ_NAME), mode="w"),
        logging.StreamHandler(sys.stdout)))
    logging.info("Begin training %s", PROJ_NAME)
    X, Y = load_data()
    net = build_network()
    metrics = train(net, X, Y)
    # Save metrics and network for future analysis
    metrics.to_csv("{0}_metrics.csv".format(PROJ_NAME), index=False)
    net.save("{0}_network.pkl".format(PROJ_NAME))
