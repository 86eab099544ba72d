"""What people may send about second factors, sessions and the provider."""

from typing import Annotated

from pydantic import Field, SecretStr

from bongsu.accounts.inputs import Form, SignIn

Code = Annotated[SecretStr, Field(max_length=64)]
Password = Annotated[SecretStr, Field(max_length=256)]
NONE_GIVEN = SecretStr("")


class SecondStep(Form):
    code: Code


class SignInAtOnce(SignIn):
    """Both steps in one request, for programs and pages elsewhere."""

    code: Code = NONE_GIVEN


class NewFactor(Form):
    """Both only where one is on already and moves to another device."""

    password: Password = NONE_GIVEN
    code: Code = NONE_GIVEN


class ConfirmFactor(Form):
    """`password` only where the session is not fresh."""

    code: Code
    password: Password = NONE_GIVEN


class NewCodes(Form):
    code: Code


class FactorOff(Form):
    code: Code
    password: Password = NONE_GIVEN


class LinkIdentity(Form):
    password: Password = NONE_GIVEN
