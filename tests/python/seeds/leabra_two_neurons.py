# Leabra7, appendix B of its paper.
# Repairs: the indentation, which publication took.
import matplotlib.pyplot as plt
import pandas as pd #type: ignore
import leabra7 as lb
# Create the network
net = lb.Net()
# Log internal dynamics for each layer
layer_spec = lb.LayerSpec(
    log_on_cycle=("unit_v_m", "unit_act", "unit_i_net", "unit_net",
    "unit_gc_i", "unit_adapt", "unit_spike"))
# Instantiate the network
net.new_layer(name="input", size=1, spec=layer_spec)
net.new_layer(name="output", size=1, spec=layer_spec)
net.new_projn(name="proj1", pre="input", post="output")
# Activate the input layer
net.clamp_layer(name="input", acts=[1])
# Cycle the network
for i in range(200):
    net.cycle()
# Retrieve logs
wholeLog, partLog = net.logs(freq="cycle", name="output")
# Plot the logs
ax = partLog.plot(x="time")
ax.set_xlabel("Cycle")
ax.legend(loc="upper right")
ax.figure.tight_layout()
ax.figure.savefig("two_neurons.png")
