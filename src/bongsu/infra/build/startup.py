"""What a server does at its first start: its environment, its secrets, its log, then the team's own script."""

import json
import shlex
from typing import Any

from bongsu.infra.build.addresses import Places, database_secret, filled
from bongsu.infra.build.policies import SSM
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Sub
from bongsu.infra.model.compute import Servers
from bongsu.infra.places import PLACE
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say

LIMIT_BYTES = 16_384  # of user data in EC2, before it is encoded
ENVIRONMENT = "/etc/bongsu/environment"
LOGGED = ("/var/log/cloud-init-output.log", "/var/log/app/*.log")
AGENT = "/opt/aws/amazon-cloudwatch-agent"
BEGIN = f"""#!/bin/bash
set -euo pipefail
install -d -m 0755 /etc/bongsu /var/log/app
umask 077
cat >{ENVIRONMENT} <<'END_OF_ENVIRONMENT'
"""
KEEP = f"""keep() {{ printf '%s=%q\\n' "$1" "$2" >>{ENVIRONMENT}; }}
"""
# A machine that cannot send its log must serve all the same.
LOG = """umask 022
if dnf install -y -q amazon-cloudwatch-agent; then
cat >{agent}/etc/amazon-cloudwatch-agent.json <<'END_OF_AGENT'
{config}
END_OF_AGENT
{agent}/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s \\
  -c file:{agent}/etc/amazon-cloudwatch-agent.json || echo "no log is sent"
fi
"""
RUN = f"""set -a; . {ENVIRONMENT}; set +a
"""


def user_data(site: Site, name: str, block: Servers, log_group: str) -> dict[str, Any]:
    """As CloudFormation takes it. Raises Invalid for a script that is missing or too long."""
    places: Places = {}
    script = site.text_of(block.setup, name) if block.setup else ""
    text = "".join(
        (
            BEGIN,
            _environment(site, block, places),
            "END_OF_ENVIRONMENT\n",
            _secrets(block, places),
            literal(_log(log_group)),
            RUN,
            _team(literal(script)),
        )
    )
    _fits(name, block, text)
    return {"Fn::Base64": Sub(text, places)}


def literal(text: str) -> str:
    """A shell's own `${x}` must not be taken for a place: CloudFormation writes `${!x}` as `${x}`."""
    return text.replace("${", "${!")


def _environment(site: Site, block: Servers, places: Places) -> str:
    lines = {"AWS_DEFAULT_REGION": "${AWS::Region}"} | {
        name: filled(site, text, places).text for name, text in block.environment.items()
    }
    return "".join(f"{name}={_quoted(text)}\n" for name, text in lines.items())


def _quoted(text: str) -> str:
    """For a shell. Addresses that fill a place have no quotes in them."""
    return text if text == "${AWS::Region}" else shlex.quote(text)


def _secrets(block: Servers, places: Places) -> str:
    """Asked for by the machine's own role, they stand in no template; one that is missing ends the start."""
    if not block.secrets:
        return ""
    lines = [
        f'value="{_asked(text, places)}"\nkeep {name} "$value"\n'
        for name, text in block.secrets.items()
    ]
    region = "export AWS_DEFAULT_REGION=${AWS::Region}\n"
    return region + KEEP + "".join(lines)


def _asked(secret: str, places: Places) -> str:
    if secret.startswith(SSM):
        name = shlex.quote(secret.removeprefix(SSM))
        call = f"ssm get-parameter --with-decryption --query Parameter.Value --name {name}"
    else:
        call = "secretsmanager get-secret-value --query SecretString --secret-id "
        call += _secret_id(secret, places)
    return f"$(aws {call} --output text)"


def _secret_id(secret: str, places: Places) -> str:
    found = PLACE.fullmatch(secret)
    if found is None:
        return shlex.quote(secret)
    pointer = database_secret(found[1])
    places[pointer.id] = pointer
    return f"${{{pointer.id}}}"


def _log(group: str) -> str:
    files = [
        {"file_path": path, "log_group_name": group, "log_stream_name": "{instance_id}"}
        for path in LOGGED
    ]
    config = {"logs": {"logs_collected": {"files": {"collect_list": files}}}}
    return LOG.format(agent=AGENT, config=json.dumps(config))


def _team(script: str) -> str:
    """In a file of its own: it may be of another shell, and end on its own terms."""
    if not script:
        return ""
    end = "" if script.endswith("\n") else "\n"
    return (
        "cat >/opt/setup <<'END_OF_SETUP'\n"
        f"{script}{end}END_OF_SETUP\n"
        "chmod 0755 /opt/setup\n"
        "/opt/setup\n"
    )


def _fits(name: str, block: Servers, text: str) -> None:
    size = len(text.encode())
    if size > LIMIT_BYTES:
        said = say(
            "The start of {name} with {file} has {size} bytes; EC2 takes {limit}.",
            name=name,
            file=block.setup or "–",
            size=size,
            limit=LIMIT_BYTES,
        )
        raise Invalid(said)
