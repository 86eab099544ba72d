"""What several commands of `bongsu infra` are told in the same words: each option with what its help says."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

File = Annotated[Path, Parameter(help="architecture.yaml.")]
FileHere = Annotated[
    Path, Parameter(help="architecture.yaml. Files that it names lie where the command runs.")
]
Environment = Annotated[
    str | None,
    Parameter(name=["--env", "-e"], help="Which environment of the file; production unless given."),
]
Several = Annotated[tuple[str, ...], Parameter(negative=())]
Image = Annotated[
    Several,
    Parameter(
        help="SERVICE=URI, a tag that never moves or a digest; once for each service that is built."
    ),
]
Code = Annotated[Several, Parameter(help="FUNCTION=s3://BUCKET/KEY of its package; once for each.")]
MakeBucket = Annotated[
    bool,
    Parameter(
        help="Make the architecture's own bucket, for packages and long templates, if need be."
    ),
]
ReplaceData = Annotated[
    tuple[str, ...],
    Parameter(
        negative=(),
        help="Name of a part whose data may be lost; without it such a change is refused.",
    ),
]
Json = Annotated[bool, Parameter(help="One JSON document.")]
EndpointUrl = Annotated[str | None, Parameter(help="Of an emulator.")]
Profile = Annotated[str | None, Parameter(help="Of AWS's own configuration.")]
