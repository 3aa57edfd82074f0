"""A mutant that does not apply any more proves nothing, so each must fit the code as it is."""

import subprocess

import pytest

from tests.mutants.run import CHECKOUT, mutants


@pytest.mark.parametrize("mutant", mutants([]), ids=lambda one: one.name)
def test_a_mutant_fits_the_code(mutant):
    done = subprocess.run(
        ["git", "apply", "--check", mutant.patch], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
