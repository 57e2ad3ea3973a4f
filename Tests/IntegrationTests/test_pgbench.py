"""pgbench's own scripts through the gateway, with the masking policy on."""

import re

import pytest


@pytest.fixture(scope="module")
def tables(gateway):
    done = gateway.run(["pgbench", "-i", "-q", "-s", "1"])
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("mode", ["simple", "extended", "prepared"])
@pytest.mark.parametrize("script", ["select-only", "tpcb-like", "simple-update"])
def test_standard_script(gateway, tables, mode, script):
    done = gateway.run(
        ["pgbench", "-n", "-b", script, "-M", mode, "-c", "8", "-j", "2", "-t", "150", "--max-tries", "1"])
    assert done.returncode == 0, done.stderr
    assert re.search(r"actually processed: 1200/1200", done.stdout)
    assert "number of failed transactions: 0" in done.stdout


def test_connecting_for_each_transaction(gateway, tables):
    done = gateway.run(["pgbench", "-n", "-S", "-C", "-c", "4", "-t", "25"])
    assert done.returncode == 0, done.stderr
    assert "100/100" in done.stdout
