"""Third-party test suites, run against a direct connection and through the gateway, compared test by test."""
