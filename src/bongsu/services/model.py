"""A service: what a team answers for. Input model shared by file, API and page."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bongsu.kit.text import one_line, slug


@dataclass(frozen=True, slots=True)
class Service:
    id: int
    name: str
    title: str
    group: str
    description: str
    tags: tuple[str, ...]
    links: tuple[dict[str, str], ...]
    owners: tuple[str, ...]  # names of teams
    defined_in: str | None


class Link(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str = Field(max_length=120)
    url: str = Field(max_length=2000, pattern=r"^https?://")


class ServiceDraft(BaseModel):
    """What a person may say about a service."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str = Field(title="Name", description="a-z, 0-9 and hyphens; used in links and files")
    title: str = Field("", title="Title", max_length=120)
    group: str = Field("", title="Group", max_length=120, description="Where it stands on the wall")
    description: str = Field("", title="Description", max_length=2000)
    owners: tuple[str, ...] = Field((), title="Owners", description="Teams; their members are told")
    tags: tuple[str, ...] = Field((), title="Tags", max_length=20)
    links: tuple[Link, ...] = Field((), title="Links", max_length=20)

    @field_validator("title", "group")
    @classmethod
    def _on_one_line(cls, value: str) -> str:
        return one_line(value)  # titles stand in subjects of mails and in log lines

    @field_validator("name")
    @classmethod
    def _name_is_a_slug(cls, value: str) -> str:
        return slug(value, "my-shop")


def changes(before: Service, after: Service) -> tuple[str, ...]:
    """Names of the fields that differ; what a change event lists."""
    names = ("title", "group", "description", "tags", "links", "owners")
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))
