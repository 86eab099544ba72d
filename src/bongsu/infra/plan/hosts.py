"""Names that load balancers answer to. Pure."""

from bongsu.infra.model.architecture import Architecture


def host_of_load_balancer(architecture: Architecture, name: str) -> str | None:
    """The first of its own names, else of its routes': its certificate covers both."""
    own = architecture.load_balancers[name].hosts
    of_routes = (
        host
        for _, _, block in architecture.workloads()
        for route in block.routes
        if route.via == name
        for host in route.hosts
    )
    return next((host for host in (*own, *of_routes) if not host.startswith("*")), None)
