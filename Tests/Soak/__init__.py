"""A gateway under mixed load for an hour, with its database, its sink and its policies changing under it."""
