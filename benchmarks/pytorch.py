"""The models in plain PyTorch, trained in the usual ways; prints JSON.

    python pytorch.py VARIANT LATENT_DIM IMAGES.npy COUNT EPOCHS memory|loader|pictures

``memory``: all images in memory, batches gathered by index, fused Adam, one thread. ``loader``:
a DataLoader that loads sample by sample, with as many workers as cores, and as many threads.
``pictures``: the same by way of a picture that is padded, as torchvision and the companion do it.
"""

import itertools
import json
import math
import os
import sys
import time

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

BATCH, SIDE, PIXELS = 256, 32, 1024


def widths(outputs):
    """Hidden widths from the input inwards, as the article has them."""
    shrink = math.floor((PIXELS // outputs) ** (1 / 3))
    return PIXELS // shrink, PIXELS // shrink**2


def hidden(inputs, units):
    """A hidden layer."""
    return nn.Sequential(nn.Linear(inputs, units, bias=False), nn.BatchNorm1d(units), nn.ReLU())


def network(*sizes):
    """Hidden layers, and a linear one at the end."""
    *inner, last = itertools.pairwise(sizes)
    return nn.Sequential(*(hidden(*pair) for pair in inner), nn.Linear(*last))


def cross_entropy(logits, images):
    """Summed over the pixels, averaged over the batch."""
    total = functional.binary_cross_entropy_with_logits(logits, images, reduction="sum")
    return total / len(images)


class Model(nn.Module):
    """Vanilla; the others change the bottleneck, the loss, or both."""

    heads = 1

    def __init__(self, latent_dim):
        super().__init__()
        self.latent_dim = latent_dim
        outputs = self.heads * latent_dim
        self.encoder = network(PIXELS, *widths(outputs), outputs)
        self.decoder = network(latent_dim, *widths(latent_dim)[::-1], PIXELS)

    def loss(self, images):
        return cross_entropy(self.decoder(self.encoder(images)), images)


class Shallow(Model):
    def __init__(self, latent_dim):
        super().__init__(latent_dim)
        self.encoder, self.decoder = network(PIXELS, latent_dim), network(latent_dim, PIXELS)

    def loss(self, images):
        return cross_entropy(self.decoder(torch.relu(self.encoder(images))), images)


class Stacked(Model):
    stages = 3

    def begin(self, stage):
        self.stage = stage
        for layer in self.encoder[:stage]:
            layer.requires_grad_(False).eval()

    def loss(self, images):
        inputs = self.encoder[: self.stage](images)
        outputs = self.decoder[-1 - self.stage](self.encoder[self.stage](inputs))
        if self.stage == 0:
            return cross_entropy(outputs, images)
        return (inputs - outputs).square().sum(1).mean()


class Sparse(Model):
    def loss(self, images):
        logits = self.encoder(images)
        log_n = math.log(len(images))
        active = functional.logsigmoid(logits).logsumexp(0) - log_n
        silent = functional.logsigmoid(-logits).logsumexp(0) - log_n
        p = 0.25
        divergence = p * (math.log(p) - active) + (1 - p) * (math.log(1 - p) - silent)
        return cross_entropy(self.decoder(torch.sigmoid(logits)), images) + divergence.sum()


class Denoising(Model):
    def loss(self, images):
        noisy = (images + math.sqrt(0.5) * torch.randn_like(images)).clamp(0, 1)
        return cross_entropy(self.decoder(self.encoder(noisy)), images)


class VAE(Model):
    heads = 2

    def loss(self, images):
        mean, log_std = self.encoder(images).chunk(2, dim=1)
        codes = mean + log_std.exp() * torch.randn_like(mean)
        kl = 0.5 * ((2 * log_std).exp() + mean.square() - 1 - 2 * log_std).sum(1).mean()
        return cross_entropy(self.decoder(codes), images) + kl


class VQ(Model):
    def __init__(self, latent_dim, categories=512):
        super().__init__(latent_dim)
        start = (2 * torch.rand(latent_dim, categories) - 1) / categories
        self.codebook = nn.Parameter(start)

    def loss(self, images):
        outputs = self.encoder(images)
        indices = (outputs.detach()[:, :, None] - self.codebook.detach()).square().argmin(2)
        codes = self.codebook[torch.arange(self.latent_dim), indices]
        straight = outputs + (codes - outputs).detach()
        vq = (outputs.detach() - codes).square().sum(1).mean()
        commitment = (outputs - codes.detach()).square().sum(1).mean()
        return cross_entropy(self.decoder(straight), images) + vq + commitment


MODELS = {
    "shallow": Shallow,
    "vanilla": Model,
    "stacked": Stacked,
    "sparse": Sparse,
    "denoising": Denoising,
    "vae": VAE,
    "vq": VQ,
}


class Samples(Dataset):
    """Images loaded and scaled one by one, with as little work as can be."""

    def __init__(self, images):
        self.images = images

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.images[index].float() / 255


class Pictures(Samples):
    """The same by way of a picture that is padded, as torchvision and the companion do it."""

    def __getitem__(self, index):
        picture = Image.fromarray(self.images[index].view(SIDE, SIDE)[2:-2, 2:-2].numpy())
        return torch.from_numpy(np.array(ImageOps.expand(picture, 2))).float().div(255).view(-1)


LOADED = {"loader": Samples, "pictures": Pictures}


def batches(images, way, workers):
    """Iterate over the batches of one epoch, in a fresh order."""
    if way in LOADED:
        yield from DataLoader(LOADED[way](images), BATCH, shuffle=True, num_workers=workers)
        return
    order = torch.randperm(len(images))
    for start in range(0, len(images), BATCH):
        yield images[order[start : start + BATCH]].float() / 255


def main():
    """Train, and print the seconds of every epoch and its stage."""
    variant, latent_dim, path, count, epochs, way = sys.argv[1:]
    cores = len(os.sched_getaffinity(0))
    torch.set_num_threads(1 if way == "memory" else cores)
    torch.manual_seed(1)
    images = torch.from_numpy(np.load(path)[: int(count)].reshape(-1, PIXELS))
    model = MODELS[variant](int(latent_dim))
    stages = getattr(model, "stages", 1)
    seconds, stage_of = [], []
    for epoch in range(int(epochs)):
        stage = epoch * stages // int(epochs)
        if stage + 1 not in stage_of:
            if stages > 1:
                model.begin(stage)
            weights = [weight for weight in model.parameters() if weight.requires_grad]
            optimizer = torch.optim.Adam(weights, lr=0.001, fused=True)
        began = time.perf_counter()
        total = torch.zeros(())
        for batch in batches(images, way, cores):
            optimizer.zero_grad()
            loss = model.loss(batch)
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(batch)
        seconds.append(time.perf_counter() - began)
        stage_of.append(stage + 1)
    print(json.dumps({"seconds": seconds, "stage": stage_of, "loss": total.item() / len(images)}))


main()
