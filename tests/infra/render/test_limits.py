"""What CloudFormation takes in one template, and the architecture that is too large for it."""

import pytest
import yaml

from bongsu.infra.build.build import build_graph
from bongsu.infra.render.cfn import templates
from bongsu.infra.render.limits import LIMITS, refuse_crowded
from bongsu.kit.errors import Invalid
from tests.infra.support import SMALL, plan


@pytest.mark.parametrize("section", list(LIMITS))
def test_as_many_as_aws_takes_are_rendered_and_not_one_more(section):
    full = {str(number): {} for number in range(LIMITS[section])}

    refuse_crowded("shop-app", {section: full})
    with pytest.raises(Invalid, match=f"shop-app has {len(full) + 1} entries under {section}"):
        refuse_crowded("shop-app", {section: full | {"more": {}}})


def test_an_architecture_of_too_many_services_is_refused_by_the_name_of_its_stack():
    web = yaml.safe_load(SMALL)["services"]["web"]
    many = {"web": web} | {f"web-{number}": web | {"routes": []} for number in range(59)}
    planned = plan(services=many)

    with pytest.raises(Invalid, match=r"shop-production-app has .* Split the architecture"):
        templates(planned, build_graph(planned))
