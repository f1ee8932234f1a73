"""The 2006 network: restricted Boltzmann machines in a stack, then backpropagation.

Deep nets of sigmoid units could not be trained well from random weights: what the last layer got
wrong hardly reached the first. Hinton, Osindero and Teh's way round it has two parts.

1. **Pretraining, without labels.** The first RBM learns the images. What its hidden units make of
   them is data to the second, whose hidden units are data to the third: each layer learns what is
   typical of the one below. Where labels are few and images many, this is what counts.
2. **Fine-tuning, with labels.** The weights become those of a feed-forward net with a softmax on
   top, and backpropagation moves them all a little.

The paper of 2006 fine-tunes with "up-down", a contrastive wake-sleep, and has 1.25% errors on
MNIST; with backpropagation, as here, 1.15% (Hinton 2007). Two things are younger than that: Adam,
and dropout (Srivastava et al. 2014), which keep the net from learning its examples by heart.
Neither knows that pixels lie beside each other: shuffled in the same way in all images, they would
be learned as well.

References
----------
G. Hinton, S. Osindero and Y. Teh, "A fast learning algorithm for deep belief nets", Neural
Computation 18, 2006. G. Hinton and R. Salakhutdinov, "Reducing the dimensionality of data with
neural networks", Science 313, 2006. G. Hinton, "To recognize shapes, first learn to generate
images", Progress in Brain Research 165, 2007. N. Srivastava et al., "Dropout: a simple way to
prevent neural networks from overfitting", JMLR 15, 2014.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from chaffinch.models.multiclass import softmax
from chaffinch.nets import torch_module
from chaffinch.nets.rbm import CD
from chaffinch.nets.stack import DeepBeliefNet

if TYPE_CHECKING:
    from torch import Generator, Tensor

FloatArray = NDArray[np.float32]
_AT_ONCE = 1000  # rows judged in one go: what they take of memory is bounded


class DBNClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A deep belief net, pretrained on rows, fine-tuned on labels.

    Parameters
    ----------
    hidden : tuple of int
        Units of each hidden layer, the lowest first.
    pretrain_epochs : int
        How often each RBM sees all rows; with 0 there is no pretraining, for comparison.
    pretrain_rate : float
        Length of its steps.
    cd_steps : int
        Steps of Gibbs sampling in contrastive divergence.
    epochs : int
        How often fine-tuning sees all labelled rows.
    rate : float
        Length of Adam's steps at first; it goes down to 0 evenly.
    batch : int
        Rows a step, of both.
    dropout : float
        How many of the hidden units are left out at each step of fine-tuning.
    input_dropout : float
        How many of the values of a row.
    device : str
        ``"auto"`` is a GPU where there is one, else the processor.
    random_state : int, RandomState or None
        Where chance comes from. The same number gives the same net, on the same device with the
        same number of threads.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels.
    stack_ : DeepBeliefNet
        What pretraining learned; fine-tuning leaves it as it is.
    layers_ : list of (Tensor, Tensor)
        Weights (n_in, n_out) and biases (n_out,) of the fine-tuned net.

    Notes
    -----
    Units are between off and on, so values are brought to between 0 and 1, by the lowest and the
    highest in the training data; those of images are there already.

    Examples
    --------
    >>> images = [[0.0, 0.9], [0.1, 1.0], [1.0, 0.1], [0.9, 0.0]]
    >>> net = DBNClassifier((8,), epochs=200, rate=0.01, random_state=0)
    >>> net.fit(images, ["1", "1", "0", "0"]).predict([[0.0, 0.8]])
    array(['1'], dtype='<U1')
    """

    def __init__(
        self,
        hidden: tuple[int, ...] = (500, 500, 2000),
        *,
        pretrain_epochs: int = 20,
        pretrain_rate: float = 0.1,
        cd_steps: int = 1,
        epochs: int = 30,
        rate: float = 2e-3,
        batch: int = 100,
        dropout: float = 0.3,
        input_dropout: float = 0.2,
        device: str = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.hidden = hidden
        self.pretrain_epochs = pretrain_epochs
        self.pretrain_rate = pretrain_rate
        self.cd_steps = cd_steps
        self.epochs = epochs
        self.rate = rate
        self.batch = batch
        self.dropout = dropout
        self.input_dropout = input_dropout
        self.device = device
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, unlabelled: ArrayLike | None = None) -> Self:
        """Learn from nothing: rows, then their labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,)
            Their labels.
        unlabelled : array-like of shape (n_unlabelled, n_features), optional
            Rows whose labels nobody knows: pretraining learns them too.

        Returns
        -------
        self
        """
        rows, labels = validate_data(self, X, y, dtype=np.float32)
        seen = rows
        if unlabelled is not None:
            more = validate_data(self, unlabelled, dtype=np.float32, reset=False)
            seen = np.concatenate([rows, more])
        self._pretrain(seen)
        return self._fine_tune(rows, labels)

    def pretrain(self, X: ArrayLike) -> Self:
        """Learn rows without labels: sets `stack_`, from which `fine_tune` goes on.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        self
        """
        return self._pretrain(validate_data(self, X, dtype=np.float32))

    def _pretrain(self, rows: FloatArray) -> Self:
        self.low_, self.high_ = float(rows.min()), float(rows.max())
        cd = CD(self.cd_steps, self.pretrain_epochs, self.batch, self.pretrain_rate)
        data = self._tensor(rows)
        self.stack_ = DeepBeliefNet.learned(data, self.hidden, cd, self._chance())
        return self

    def fine_tune(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn labels, by backpropagation from the weights of `stack_`, which stays as it is.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,)
            Their labels.

        Returns
        -------
        self
        """
        check_is_fitted(self, "stack_")
        return self._fine_tune(*validate_data(self, X, y, dtype=np.float32, reset=False))

    def _fine_tune(self, rows: FloatArray, y: NDArray[Any]) -> Self:
        check_classification_targets(y)
        self.classes_, numbers = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"DBNClassifier can't tell labels apart: y has 1 class, {self.classes_}; give "
                "examples of two"
            )
        self.layers_ = [(rbm.weights.clone(), rbm.hidden_bias.clone()) for rbm in self.stack_.rbms]
        top = self.stack_.rbms[-1].hidden_bias
        # From zeros the softmax learns first, before it has anything to say to the layers below.
        output = top.new_zeros(len(top), len(self.classes_)), top.new_zeros(len(self.classes_))
        self.layers_.append(output)
        data = self._tensor(rows)
        self._backpropagate(data, torch_module().from_numpy(numbers).to(data.device))
        return self

    def _backpropagate(self, rows: Tensor, labels: Tensor) -> None:
        """Move all weights downhill on the cross-entropy of rows (n, n_features), labels (n,)."""
        torch = torch_module()
        random = self._chance()
        parameters = [tensor.requires_grad_() for layer in self.layers_ for tensor in layer]
        optimizer = torch.optim.Adam(parameters, self.rate, fused=True)
        total = self.epochs * -(-len(rows) // self.batch)
        schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total)
        for _ in range(self.epochs):
            order = torch.randperm(len(rows), generator=random, device=rows.device)
            for places in order.split(self.batch):
                logits = self._logits(rows[places], random)  # (batch, n_classes)
                loss = torch.nn.functional.cross_entropy(logits, labels[places])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
        for parameter in parameters:
            parameter.requires_grad_(False)

    def _logits(self, v: Tensor, random: Generator | None = None) -> Tensor:
        """Return (n, n_classes) of (n, n_features), with dropout where chance is given."""
        *hidden, (weights, bias) = self.layers_
        v = _dropped(v, self.input_dropout, random)
        for below, b in hidden:
            v = _dropped((v @ below + b).sigmoid(), self.dropout, random)  # (n, units)
        return v @ weights + bias

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the probability of each label, shape (n_samples, n_classes)."""
        check_is_fitted(self, "layers_")
        rows = self._tensor(validate_data(self, X, dtype=np.float32, reset=False))
        logits = [self._logits(some).cpu().double().numpy() for some in rows.split(_AT_ONCE)]
        return softmax(np.concatenate(logits))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable label, shape (n_samples,)."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def _tensor(self, rows: FloatArray) -> Tensor:
        """Return rows as numbers from 0 to 1, where the net is computed."""
        span = self.high_ - self.low_ or 1.0
        scaled = np.clip((rows - self.low_) / span, 0.0, 1.0, dtype=np.float32)
        return torch_module().from_numpy(scaled).to(self.torch_device())

    def torch_device(self) -> str:
        """Return where the net is computed: ``"cuda"`` or ``"cpu"``, say."""
        if self.device != "auto":
            return self.device
        return "cuda" if torch_module().cuda.is_available() else "cpu"

    def _chance(self) -> Generator:
        seed = int(check_random_state(self.random_state).randint(2**31))
        return torch_module().Generator(self.torch_device()).manual_seed(seed)


def _dropped(values: Tensor, share: float, random: Generator | None) -> Tensor:
    """Leave out a share of the values, and raise the others so that sums stay what they were."""
    if random is None or share == 0:
        return values
    kept = values.new_empty(values.shape).bernoulli_(1 - share, generator=random)
    return values * kept / (1 - share)
