"""People's Markdown as safe HTML: CommonMark, tables, strikethrough, links, check lists, mentions, task keys.

Nothing that a person writes becomes markup of its own: raw HTML is text, links go to http, https and mailto only,
pictures from elsewhere become links. What would take too long to draw is shown as it was written, see budget.py.
"""

from collections.abc import Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from bongsu.kit.i18n import say
from bongsu.notes.budget import NESTING, within
from bongsu.notes.inline import Names, found_mentions, link_things

_DRAWN = 128  # texts kept as they were drawn
_DONE, _OPEN = say("done"), say("not done")
_CUT = say(
    "From here on it is shown as it was written: it holds more markup than can be drawn at once."
)
_LINK = {"rel": "nofollow noopener noreferrer"}
_SCHEMES = ("http://", "https://", "mailto:")


def render_markdown(text: str, language: str, people: Names = ()) -> Markup:
    """At most some 40 ms whatever the text. `people`: names and addresses that are links, with their numbers."""
    return _render(text, language, tuple(people))


def mentioned(text: str) -> list[str]:
    """What follows each `@` of the text outside of code and links: at most 50, each at most 80 characters."""
    drawn, _ = within(text)
    env: EnvType = {"people": (), "language": "en"}
    return found_mentions(_PARSER.parse(drawn, env))


@lru_cache(maxsize=_DRAWN)
def as_words(text: str) -> str:
    """Without its marks, on one line: for lists and timelines."""
    drawn, rest = within(text)
    tokens = _PARSER.parse(drawn, {"people": (), "language": "en"})
    parts = [_words(token) for token in tokens if token.type in {"inline", "fence", "code_block"}]
    return " ".join(" ".join([*parts, rest]).split())


def _words(token: Token) -> str:
    if token.type != "inline":
        return token.content
    shown = (" " if one.type.endswith("break") else one.content for one in token.children or ())
    return "".join(shown)


@lru_cache(maxsize=_DRAWN)
def _render(text: str, language: str, people: Names) -> Markup:
    drawn, rest = within(text)
    html = _PARSER.render(drawn, {"people": people, "language": language})
    if rest:
        html += f'<p class="cutoff">{escape(_CUT.to(language))}</p><div class="plain">{escape(rest)}</div>'
    return Markup(html)  # noqa: S704  every part of it is escaped by the renderer


def _may_link(url: str) -> bool:
    return url.strip().lower().startswith(_SCHEMES)


def _picture_as_link(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[at]
    words = renderer.renderInlineAsText(token.children or [], options, env) or token.attrs["src"]
    rel, href = escape(_LINK["rel"]), escape(str(token.attrs["src"]))
    return f'<a href="{href}" rel="{rel}">{escape(words)}</a>'


def _tick(
    _renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, env: EnvType
) -> str:
    done = tokens[at].meta["done"]
    words = (_DONE if done else _OPEN).to(env["language"])
    return f'<span class="tick" role="img"{" data-done" if done else ""} aria-label="{escape(words)}"></span>'


def _heading(
    _renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType
) -> str:
    """One level for all: a comment's headings stand below that of its panel, and none may be left out between."""
    token = tokens[at]
    return f'<h3 class="h{token.tag[1:]}">' if token.nesting == 1 else "</h3>\n"


def _table(
    _renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType
) -> str:
    opens = tokens[at].nesting == 1
    return '<div class="wide" tabindex="0"><table>\n' if opens else "</table></div>\n"


def _cell(
    _renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType
) -> str:
    """Alignment as a class: the security policy refuses styles."""
    token = tokens[at]
    side = str(token.attrs.get("style", "")).partition(":")[2]
    named = f' class="{side}"' if side in {"right", "center"} else ""
    return f"<{token.tag}{named}>" if token.nesting == 1 else f"</{token.tag}>\n"


def _code(
    _renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType
) -> str:
    return f'<pre tabindex="0"><code>{escape(tokens[at].content)}</code></pre>\n'


def _link(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[at]
    if not token.meta.get("ours"):
        token.attrs.update(_LINK)
    return renderer.renderToken(tokens, at, options, env)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": NESTING})
    parser.enable(["table", "strikethrough"])
    parser.validateLink = _may_link  # type: ignore[method-assign]
    parser.core.ruler.push("things", link_things)
    for name, rule in {
        "image": _picture_as_link,
        "tick": _tick,
        "heading_open": _heading,
        "heading_close": _heading,
        "table_open": _table,
        "table_close": _table,
        "th_open": _cell,
        "td_open": _cell,
        "fence": _code,
        "code_block": _code,
        "link_open": _link,
    }.items():
        parser.add_render_rule(name, rule)
    return parser


_PARSER = _parser()
