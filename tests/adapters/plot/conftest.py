import pytest
from countgrid.plot import _labels
from matplotlib import pyplot as plt


@pytest.fixture(autouse=True)
def _apart(monkeypatch):
    """No windows, no open figures, and no earlier warnings."""
    plt.switch_backend("Agg")
    monkeypatch.setattr(_labels, "_warned", set())
    yield
    plt.close("all")
