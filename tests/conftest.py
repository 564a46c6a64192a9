"""What every test may ask for: databases, a browser, a mail sink, a vendor's cloud, all real and all on this machine.

The fixtures live in tests/infrastructure, a file each; this one only names them and sets how hypothesis searches.
"""

from hypothesis import HealthCheck, settings

pytest_plugins = (
    "tests.infrastructure.rundir",
    "tests.infrastructure.runlog",
    "tests.infrastructure.databases",
    "tests.infrastructure.chromium",
    "tests.infrastructure.mail",
    "tests.infrastructure.webhook",
    "tests.infrastructure.vendor",
    "tests.infrastructure.telegram_cloud",
    "tests.infrastructure.server",
)

settings.register_profile("steady", deadline=None, derandomize=True, database=None, print_blob=True)
settings.register_profile(
    "fuzz", deadline=None, max_examples=20_000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")
