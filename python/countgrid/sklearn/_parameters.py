"""What scikit-learn checks about the parameters that its own classes do not have."""

from __future__ import annotations

from numbers import Integral
from typing import Any

from sklearn.utils._param_validation import Interval, StrOptions

MORE: dict[str, Any] = {
    "missing": [StrOptions({"raise", "zero"})],
    "workers": [Interval(Integral, 1, None, closed="left"), None],
}
