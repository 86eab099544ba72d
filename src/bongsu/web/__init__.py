"""The shell, the components and the static files that every room's pages are made of."""
