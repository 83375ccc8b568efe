"""Settings that all tests share."""

from hypothesis import HealthCheck, settings

# No deadline: a slow machine is no bug. The draws stay random; a failing one is printed, so that it can be repeated.
settings.register_profile(
    "countgrid",
    deadline=None,
    max_examples=60,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("countgrid")
