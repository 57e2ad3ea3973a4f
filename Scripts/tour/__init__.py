"""The demo's tour: chapters of real commands, each telling what to see and checking that it is there."""
