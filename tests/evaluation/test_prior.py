"""The prior over codes: what depends on what, likelihoods in closed form, and samples."""

from itertools import product

import keras
import numpy as np
import pytest
from conftest import pairwise

from kerasae.evaluation.prior import Prior, fit_prior

STATES = np.array([3, 77, 200, 300, 511])
STAY = 0.9


def chain(count, seed, length=6):
    """Sample Markov chains: a position repeats the one before with probability 0.9."""
    rng = np.random.default_rng(seed)
    moves = np.where(rng.random((count, length)) < STAY, 0, rng.integers(1, 5, (count, length)))
    moves[:, 0] = rng.integers(0, 5, count)
    return STATES[moves.cumsum(1) % 5].astype("int32")


def ragged(count=400, seed=0):
    """Sample codes whose positions use 1, 4, 2 and 7 categories of 12."""
    rng = np.random.default_rng(seed)
    used = [rng.choice(12, size, replace=False) for size in (1, 4, 2, 7)]
    return np.stack([rng.choice(values, count) for values in used], 1), used


def shaken(prior, seed=0):
    """Give a prior large random weights; the paddings keep theirs."""
    rng = np.random.default_rng(seed)
    for variable in prior.variables:
        variable.assign_add(rng.normal(0, 0.5, variable.shape))
    return prior


@pytest.fixture(scope="module")
def prior():
    return fit_prior(chain(20000, seed=1), seed=1, epochs=3)


@pytest.mark.parametrize("latent_dim", [1, 2, 7])
def test_a_position_is_computed_from_all_that_precede_it_and_from_no_other(latent_dim):
    codes = np.random.default_rng(latent_dim).integers(0, 5, (60, latent_dim), "int32")
    prior = shaken(Prior(codes, seed=1, categories=5))
    compact = prior.compact(codes)
    logits = prior.logits(compact).numpy()
    for position in range(latent_dim):
        changed = compact.copy()
        changed[:, position] = (changed[:, position] + 1) % 5
        differs = (prior.logits(changed).numpy() != logits).any((1, 2))
        np.testing.assert_array_equal(differs, np.arange(latent_dim) > position)


def test_probabilities_of_all_codes_sum_to_1():
    codes = np.array([[0, 1, 0], [2, 0, 1], [2, 1, 2], [0, 3, 3]])
    prior = shaken(Prior(codes, seed=1, categories=4))
    every = [np.exp(-prior.nll(np.array([code]))) for code in product(range(4), repeat=3)]
    assert sum(every) == pytest.approx(1, abs=1e-5)
    assert min(every) > 0


def test_the_likelihood_of_a_markov_chain_approaches_its_entropy(prior):
    moves = [STAY, *[(1 - STAY) / 4] * 4]
    entropy = np.log(5) - 5 * np.dot(moves, np.log(moves))  # 3.93; independent, 6 log 5 = 9.66
    codes = chain(20000, seed=2)
    stays = (codes[:, 1:] == codes[:, :-1]).sum(1)
    true = np.mean(np.log(5) - stays * np.log(moves[0]) - (5 - stays) * np.log(moves[1]))
    assert true == pytest.approx(entropy, abs=0.05)
    assert true <= prior.nll(codes) < true + 0.05


def test_samples_repeat_the_frequencies_of_pairs(prior):
    samples = prior.sample(5000, seed=1)
    assert (samples.shape, samples.dtype) == ((5000, 6), np.int32)
    for position in range(6):
        shares = [np.mean(samples[:, position] == state) for state in STATES]
        np.testing.assert_allclose(shares, 0.2, atol=0.03)
    for distance, repeats in ((1, STAY), (2, STAY**2 + (1 - STAY) ** 2 / 4)):
        same = (samples[:, distance:] == samples[:, :-distance]).mean(0)
        np.testing.assert_allclose(same, repeats, atol=0.03)


def test_only_categories_in_use_are_sampled_all_of_them_and_at_their_positions():
    codes, used = ragged()
    samples = Prior(codes, 1, 12).sample(2500, seed=1)  # more than one batch
    for column, values in zip(samples.T, used, strict=True):
        np.testing.assert_array_equal(np.unique(column), np.sort(values))


def test_the_likelihood_of_a_single_position_is_known_exactly():
    prior = Prior(np.array([[7]] * 3 + [[2]]), seed=1, categories=10)
    in_use = 1 - 1 / 5
    assert prior.nll([[7]]) == pytest.approx(-np.log(in_use * 3 / 4))
    assert prior.nll([[2], [7]]) == pytest.approx(-np.log(in_use) - np.log(3 / 16) / 2)
    assert prior.nll([[0]]) == pytest.approx(np.log(5 * 8))  # one of 8 that are not in use
    prior = Prior(np.array([[0], [1], [1], [1]]), seed=1, categories=2)  # all are in use
    assert prior.nll([[1]]) == pytest.approx(-np.log(3 / 4))


def test_an_unused_category_tells_nothing_to_the_positions_that_follow():
    codes, used = ragged()
    prior = shaken(Prior(codes, seed=1, categories=12))
    rows = np.tile(codes[0], (12, 1))
    rows[:, 1] = np.arange(12)
    before = prior.logits(prior.compact(rows), slice(2, 4)).numpy()
    embeddings = np.arange(prior.size, 2 * prior.size)  # of position 1
    prior.embeddings.assign(prior.embeddings.numpy() + np.isin(np.arange(28), embeddings)[:, None])
    after = prior.logits(prior.compact(rows), slice(2, 4)).numpy()
    np.testing.assert_array_equal((after != before).any((0, 2)), np.isin(np.arange(12), used[1]))
    assert np.isfinite(prior.nll(rows))


def test_the_seed_alone_decides_the_prior_and_its_samples():
    codes = chain(300, seed=1)
    keras.utils.set_random_seed(1)
    first = fit_prior(codes, 3, epochs=1)
    keras.utils.set_random_seed(2)
    again, other = fit_prior(codes, 3, epochs=1), Prior(codes, 4, 512)
    assert all(pairwise(np.array_equal, again.variables, first.variables))
    assert not np.array_equal(other.embeddings, Prior(codes, 3, 512).embeddings)
    samples = first.sample(50, seed=5)
    np.testing.assert_array_equal(again.sample(50, seed=5), samples)
    assert not np.array_equal(first.sample(50, seed=6), samples)


@pytest.mark.parametrize("codes", [[[0, 12]], [[-1, 0]], [[0, 0, 0]], [0, 0]])
def test_other_codes_are_refused(codes):
    prior = Prior(np.array([[0, 1], [1, 0]]), seed=1, categories=12)
    with pytest.raises(ValueError, match=r"Expected categories from 0 to 11.* Received: "):
        prior.nll(codes)
