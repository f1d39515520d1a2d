"""Networks in other processes: started by spawn and fork, by joblib, and handed over as pickles; and Ctrl-C."""

import subprocess
import sys
import textwrap

import pytest

import engram_sim as eg
from made import FAMILIES
from scripts import needs

WORKER = """
import hashlib
import numpy as np
import engram_sim as eg

def digest(net):
    state = net.state()
    parts = [v.tobytes() if isinstance(v, np.ndarray) else str(v).encode() for _, v in sorted(state.items())]
    return hashlib.sha256(b"".join(parts)).hexdigest()

def advanced(net):
    "What a network is after some steps in whatever process this is, and the network itself."
    net.run(7)
    return digest(net), net

def learned(seed, precision):
    eg.use(precision)
    return digest(eg.Sorn(ne=60, seeds=seed).fork()), seed
"""


def said(folder, script, timeout=100):
    """What a program printed, whose functions of WORKER every process can import."""
    (folder / "worker.py").write_text(WORKER)
    path = folder / "program.py"
    path.write_text(textwrap.dedent(script))
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, timeout=timeout, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_a_network_is_handed_to_another_process_and_back(method, tmp_path):
    """The pool has threads of its own before it forks: a child must not wait for threads that it does not have."""
    assert said(tmp_path, f"""
        import multiprocessing
        import engram_sim as eg
        from worker import advanced, digest

        if __name__ == "__main__":
            eg.use({eg.native.module().precision!r})
            nets = [eg.Sorn(ne=60, seeds=range(4), threads=2), eg.Attractor(units=12, seeds=[3, 4])]
            for net in nets:
                net.run(5)
            with multiprocessing.get_context({method!r}).Pool(2) as pool:
                there = pool.map(advanced, nets)
            for net, (seen, back) in zip(nets, there):
                here, _ = advanced(net)
                print(here == seen == digest(back))
                print(advanced(net)[0] == advanced(back)[0])
    """) == ["True"] * 4  # fmt: skip


@needs("joblib")
@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_joblib_runs_networks(backend, tmp_path):
    precision = eg.native.module().precision
    assert said(tmp_path, f"""
        import joblib
        from worker import learned

        if __name__ == "__main__":
            calls = [joblib.delayed(learned)(seed, {precision!r}) for seed in range(6)]
            there = joblib.Parallel(n_jobs=2, backend={backend!r})(calls)
            print(there == [learned(seed, {precision!r}) for seed in range(6)], len(dict(there)))
    """) == ["True", "6"]  # fmt: skip


def test_two_interrupts_in_a_row_leave_a_network_that_goes_on(tmp_path):
    """The second comes while the first is on its way: no crash, a valid state, and the same bits from there on."""
    precision = eg.native.module().precision
    assert said(tmp_path, f"""
        import os, signal, threading, time
        import engram_sim as eg
        from worker import digest

        eg.use({precision!r})
        net = eg.Sorn(ne=300)

        def press():
            time.sleep(0.3)
            for _ in range(2):
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.001)

        stopped = False
        presses = threading.Thread(target=press)
        presses.start()
        try:
            try:
                net.run(10**9)
            except KeyboardInterrupt:
                stopped = True
                presses.join()
                time.sleep(0.1)
        except KeyboardInterrupt:  # the second comes in any line above, or was one with the first
            stopped = True
        net.check_finite()
        other = eg.Sorn(ne=300)
        other.run(net.tick)
        net.run(3)
        other.run(3)
        print(stopped, digest(net) == digest(other))
    """) == ["True", "True"]  # fmt: skip


@pytest.mark.parametrize(
    "made, call",
    [
        ("eg.Attractor(units=300)", "net.relax(np.full((9, 300), 0.1), deterministic=False, max_steps=2**31, tolerance=1e-300)"),
        ("pair(eg.Leabra())", "net.minus_phase(10**8)"),
        ("pair(eg.Leabra())", "net.plus_phase(10**8)"),
        ("eg.Nef({'ensembles': {'e': {'neurons': 300, 'dimensions': 1}}})", "net.run(1e6)"),
    ],
)
def test_ctrl_c_is_heard_within_long_calls(tmp_path, made, call):
    precision = eg.native.module().precision
    assert said(tmp_path, f"""
        import os, signal, threading, time
        import numpy as np
        import engram_sim as eg

        def pair(net):
            net.new_layer("a", 300)
            net.new_layer("b", 300)
            net.new_projection("p", "a", "b")
            return net

        eg.use({precision!r})
        net = {made}
        if hasattr(net, "relax"):
            net.weights = np.random.default_rng(1).normal(size=(300, 300))
        threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        began = time.monotonic()
        try:
            {call}
        except KeyboardInterrupt:
            print(time.monotonic() - began < 5)
        net.check_finite()
        print("alive")
    """) == ["True", "alive"]  # fmt: skip


def resident():
    """kB that this process holds now; a peak would hide what earlier tests took."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("make", FAMILIES)
def test_networks_of_no_family_leave_memory_behind(make):
    def some(count):
        for seed in range(count):
            net = make(seeds=[seed])
            net.state()

    some(150)
    before = resident()
    some(1700)  # ten thousand with all families
    assert resident() - before < 1536  # a kilobyte a network; the smallest holds more
