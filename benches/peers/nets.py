"""Trains a net once with PyTorch, on one thread, and prints what that cost as one JSON object.

    python nets.py FOLDER lstm|mlp PARAMS      needs numpy and torch

FOLDER holds series.bin, rows.bin and target.bin: f32. PARAMS is JSON.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

torch.set_num_threads(1)
torch.set_num_interop_threads(1)
torch.manual_seed(7)


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 50, num_layers=2, batch_first=True)
        self.head = nn.Linear(50, 1)

    def forward(self, windows):
        hidden, _ = self.lstm(windows)
        return self.head(hidden[:, -1])


def trained(net, inputs, target, batch, epochs):
    """CPU seconds of an epoch, and the mean loss of the last one's steps."""
    adam = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.0, foreach=True)
    begun = time.process_time()
    for _ in range(epochs):
        total = 0.0
        for rows in torch.randperm(len(inputs)).split(batch):
            adam.zero_grad()
            loss = nn.functional.mse_loss(net(inputs[rows]), target[rows])
            loss.backward()
            adam.step()
            total += loss.item() * len(rows)
    return (time.process_time() - begun) / epochs, total / len(inputs)


def main():
    folder, which, params = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])

    def read(name):
        return torch.from_numpy(np.fromfile(folder / name, np.float32))

    if which == "lstm":
        window = params["window"]
        series = read("series.bin")
        inputs = series.unfold(0, window, 1)[:-1].unsqueeze(-1).contiguous()
        target = series[window:].unsqueeze(-1)
        net, batch, epochs = Lstm(), 32, params["epochs"][0]
    else:
        inputs = read("rows.bin").reshape(-1, params["columns"])
        target = read("target.bin").unsqueeze(-1)
        # As we do it: numbers are scaled to mean 0 and deviation 1, and so is the target.
        inputs = (inputs - inputs.mean(0)) / inputs.std(0, correction=0)
        scale = target.std(correction=0)
        target = (target - target.mean()) / scale
        net = nn.Sequential(nn.Linear(inputs.shape[1], 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))
        batch, epochs = 256, params["epochs"][1]
    epoch, loss = trained(net, inputs, target, batch, epochs)
    if which == "mlp":
        loss *= scale.item() ** 2
    net.eval()
    one = inputs[:1]
    with torch.inference_mode():
        begun = time.process_time()
        for _ in range(params["answers"]):
            net(one)
        answer = (time.process_time() - begun) / params["answers"]
    print(json.dumps({"epoch": epoch, "loss": loss, "answer": answer, "torch": torch.__version__}))


main()
