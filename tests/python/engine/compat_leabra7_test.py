"""The front end for leabra7: seed programs as they were published (repairs are listed in their first lines), and what
the package promises."""

import copy
import pathlib

import numpy as np
import pytest

from scripts import needs


@needs("pandas")
def test_seed_003_two_neurons(script):
    names = script("leabra_two_neurons.py", "leabra7")
    log = names["partLog"]
    assert set(log.columns) == {"unit", "v_m", "act", "i_net", "net", "gc_i", "adapt", "spike", "time"}
    assert len(log) == 200 and list(log["time"][:3]) == [0, 1, 2] and log["spike"].sum() > 5
    assert pathlib.Path("two_neurons.png").exists()


@needs("pandas")
@pytest.mark.parametrize("name, metrics", [("pattern_association", "pat_assoc"), ("error_driven", "err_hidden")])
def test_seed_003_learns(script, name, metrics):
    import pandas

    from engram_sim.compat import seed

    seed(2)
    names = script(f"leabra_{name}.py", "leabra7")
    losses = pandas.read_csv(f"{metrics}_metrics.csv")["train_loss"]
    assert losses.iloc[-1] == 0 and losses.iloc[0] > 0
    import leabra7

    again = leabra7.Net()
    again.load(f"{metrics}_network.pkl")
    out = names["predict"](again, names["X"])
    np.testing.assert_array_equal(out, names["predict"](names["net"], names["X"]))


class TestLeabra7:
    def net(self, **spec):
        from engram_sim.compat import leabra7 as lb

        net = lb.Net()
        net.new_layer("in", 3, lb.LayerSpec(**spec))
        net.new_layer("out", 2)
        net.new_projn("p", "in", "out", lb.ProjnSpec(dist=lb.Uniform(0.25, 0.75)))
        return net

    def test_specs(self):
        from engram_sim.compat import leabra7 as lb

        assert lb.LayerSpec() == lb.LayerSpec(gi=1.8) != lb.LayerSpec(gi=1.5)
        assert lb.UnitSpec().spk_thr == 0.5 and lb.LayerSpec().unit_spec is not lb.LayerSpec().unit_spec
        with pytest.raises(ValueError, match="gii"):
            lb.LayerSpec(gii=1)
        for bad in (lb.UnitSpec(spk_thr=float("nan")), lb.UnitSpec(syn_tr=2), lb.LayerSpec(clamp_max=-1),
                    lb.ProjnSpec(lrate=-1), lb.ProjnSpec(dist=3), lb.LayerSpec(unit_spec=lb.UnitSpec(vm_dt=-1)),
                    lb.LayerSpec(inhibition_type="none of these"), lb.LayerSpec(log_on_cycle=("unit_x",))):  # fmt: skip
            with pytest.raises(lb.ValidationError):
                bad.validate()
        with pytest.raises(ValueError):
            lb.Uniform(1, 0)

    def test_changes_of_a_spec_act_at_once(self):
        net = self.net()
        net.projns["p"].spec.lrate = 0
        before = net.projns["p"].fwts
        net.clamp_layer("in", [1, 0])
        net.minus_phase_cycle(30)
        net.clamp_layer("out", [1])
        net.plus_phase_cycle(10)
        net.learn()
        np.testing.assert_array_equal(before, net.projns["p"].fwts)

    def test_clamping_tiles_and_observing_shows_it(self):
        net = self.net()
        net.clamp_layer("in", [1, 0])
        np.testing.assert_allclose(net.layers["in"].units.act.numpy(), [0.95, 0, 0.95], rtol=1e-6)
        for bad in ([2], [float("nan")], []):
            with pytest.raises(ValueError):
                net.clamp_layer("in", bad)
        for call in (lambda: net.clamp_layer("x", [1]), lambda: net.unclamp_layer("x"), lambda: net.new_layer("y", 0),
                     lambda: net.new_projn("q", "in", "x"), lambda: net.minus_phase_cycle(0),
                     lambda: net.logs("cycle", "in"), lambda: net.logs("day", "in"), lambda: net.observe("x", "unit_act"),
                     lambda: net.observe("in", "unit_x"), lambda: net.pause_logging("day")):  # fmt: skip
            with pytest.raises(ValueError):
                call()

    def test_weights_of_a_users_distribution(self):
        from engram_sim.compat import leabra7 as lb

        class Ramp(lb.rand.Distribution):
            def fill(self, tensor):
                tensor[...] = np.arange(tensor.size) / 10

        net = self.net()
        net.new_projn("q", "in", "out", lb.ProjnSpec(dist=Ramp()))
        np.testing.assert_allclose(net.projns["q"].fwts, [[0, 0.1, 0.2], [0.3, 0.4, 0.5]], rtol=1e-6)

    @needs("pandas")
    def test_logs_pause_and_copies(self):
        net = self.net(log_on_cycle=("avg_act", "unit_act"))
        other = copy.deepcopy(net)
        for each in (net, other):
            each.clamp_layer("in", [1])
            each.cycle()
            each.pause_logging("cycle")
            each.cycle()
            each.resume_logging()
            each.cycle()
        whole, parts = net.logs("cycle", "in")
        assert list(whole["time"]) == [0, 2] and len(parts) == 6
        assert list(net.observe("p", "conn_wt").columns) == ["pre_unit", "post_unit", "conn_wt"]
        assert whole.equals(other.logs("cycle", "in").whole)

    def test_events(self):
        from engram_sim.compat.leabra7 import events

        net = self.net()
        net.handle(events.HardClamp("in", [1]))
        net.handle(events.Cycle())
        assert net._engine._net.cycles_done == 1
        with pytest.raises(ValueError):
            events.PauseLogging("day")

    @needs("pandas")
    def test_a_trial_by_events_is_a_trial_by_calls(self):
        from engram_sim.compat.leabra7 import events

        logs = {f"log_on_{freq}": ("avg_act",) for freq in events.NAMES}
        called, told = self.net(**logs), self.net(**logs)
        told._engine.set_state(called._engine.state())
        called.clamp_layer("in", [1, 0])
        called.minus_phase_cycle(3)
        called.plus_phase_cycle(2)
        called.learn()
        called.end_epoch()
        called.end_batch()
        cycles = [events.BeginMinusPhase, *[events.Cycle] * 3, events.EndMinusPhase, events.BeginPlusPhase,
                  *[events.Cycle] * 2, events.EndPlusPhase, events.EndTrial, events.Learn, events.EndEpoch, events.EndBatch]  # fmt: skip
        for event in [events.HardClamp("in", [1, 0]), *(kind() for kind in cycles)]:
            told.handle(event)
        for freq in events.NAMES:
            assert len(called.logs(freq, "in").whole) and called.logs(freq, "in").whole.equals(told.logs(freq, "in").whole)
        np.testing.assert_array_equal(called.projns["p"].wts, told.projns["p"].wts)

    @needs("pandas")
    def test_loggers_and_parts_by_the_names_of_the_modules(self):
        from engram_sim.compat.leabra7 import layer, log, projn, unit

        net = self.net(log_on_cycle=("avg_act",), log_on_epoch=("unit_act",))
        net.cycle()
        assert [one.name for one in net.loggers] == ["in_cycle_logger", "in_epoch_logger"]
        assert net.loggers[0].to_logs().whole.equals(net.logs("cycle", "in").whole) and net.loggers[1].attrs == ("unit_act",)
        assert list(net.objs) == ["in", "out", "p", "in_cycle_logger", "in_epoch_logger"]
        assert isinstance(net.layers["in"], layer.Layer) and isinstance(net.projns["p"], projn.Projn)
        assert isinstance(net.layers["in"].units, unit.UnitGroup) and isinstance(net.logs("cycle", "in"), log.Logs)
        with pytest.raises(ValueError):
            net.observe("in_cycle_logger", "avg_act")

    def test_a_long_phase_is_the_same_phase(self):
        one, other = self.net(), self.net()
        other._engine.set_state(one._engine.state())
        one._native.minus_phase_cycle(7)
        other.minus_phase_cycle(7)
        np.testing.assert_array_equal(one.layers["out"].acts_m, other.layers["out"].acts_m)
