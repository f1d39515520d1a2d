# The README of the package sorn. Repairs: none.
import sorn
from sorn import Simulator
import numpy as np
# Sample input
num_features = 10
time_steps = 200
inputs = np.random.rand(num_features,time_steps)
# Simulate the network with default hyperparameters under gaussian white noise
state_dict, sim_dict = Simulator.run(inputs=inputs, phase='plasticity',
state=None, noise=True,
timesteps=time_steps,
callbacks=["ExcitatoryActivation",
"WEE",
"EEConnectionCounts"])
from sorn import Trainer
# NOTE: During training phase, input to `sorn` should have second (time) dimension set to 1. ie., input shape should be (input_features,1).
inputs = np.random.rand(num_features,1)
# SORN network is frozen during training phase
state_dict, sim_dict = Trainer.run(inputs= inputs, phase='training',
state=state_dict, noise=False,
timesteps=1,
ne=100, nu=num_features,
lambda_ee=10, eta_stdp=0.001,
callbacks=["InhibitoryActivation",
"WEI",
"EIConnectionCounts"] )
