"""The services of the demo and the configuration file that watches them: one list, two readers."""

# name, title, group, team, HTTPS?
SERVICES = (
    ("account-home", "Account home", "My Account", "account-team", False),
    ("account-login", "Sign-in", "My Account", "account-team", True),
    ("shop-front", "Shop", "Shop", "shop-team", False),
    ("shop-checkout", "Checkout", "Shop", "shop-team", False),
    ("shop-images", "Device images", "Shop", "shop-team", False),
    ("portal-home", "Home", "Portal", "portal-team", False),
    ("portal-search", "Search", "Portal", "portal-team", False),
    ("apps-upload", "Document upload", "Applications", "apps-team", False),
    ("apps-forms", "Event forms", "Applications", "apps-team", False),
    ("budget-signup", "Sign-up", "Budget Mobile", "budget-team", True),
    ("budget-plans", "Plan pages", "Budget Mobile", "budget-team", False),
)
TEAMS = {
    "account-team": ("Account team", "minsu.park@example.com", "seoyeon.lee@example.com"),
    "shop-team": ("Shop team", "hana.choi@example.com", "minsu.park@example.com"),
    "portal-team": ("Portal team", "dohyun.kim@example.com"),
    "apps-team": ("Applications team", "sora.yoon@example.com", "jiho.han@example.com"),
    "budget-team": ("Budget Mobile team", "woojin.jung@example.com"),
}


def configuration(base_port: int, host: str = "127.0.0.1", every: str = "5s") -> str:
    lines = ["teams:"]
    for name, (title, *members) in TEAMS.items():
        lines.append(f"  {name}: {{title: {title}, members: [{', '.join(members)}]}}")
    lines.append("services:")
    for number, (name, title, group, team, https) in enumerate(SERVICES, 1):
        lines += [
            f"  {name}:",
            f"    title: {title}",
            f"    group: {group}",
            f"    owners: [{team}]",
            "    checks:",
            *_checks(f"{host}:{base_port + number}", base_port + number, https, every),
        ]
    return "\n".join(lines) + "\n"


def _checks(place: str, port: int, https: bool, every: str) -> list[str]:
    scheme = "https" if https else "http"
    address = f"localhost:{port}" if https else place
    verify = ", verify: false" if https else ""  # the demo's authority is nobody's
    page = (
        f'      page: {{http: {{url: "{scheme}://{address}/"{verify}}}, every: {every}, '
        'expect: ["[STATUS] == 200", "[BODY].state == ok"], warn: ["[RESPONSE_TIME] < 800"]}'
    )
    port_line = f'      port: {{tcp: "{place}", every: {every}}}'
    certificate = (
        f'      cert: {{tls: {{address: "{address}", verify: false}}, every: {every}, '
        'expect: ["[CERTIFICATE_EXPIRATION] > 0s"], warn: ["[CERTIFICATE_EXPIRATION] > 14d"]}'
    )
    return [page, port_line, certificate] if https else [page, port_line]
