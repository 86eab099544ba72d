"""Every write of the application: who may at least, and a request that is right and does something.

`{…}` in addresses and bodies are numbers of the house (house.py). `own` requests touch what belongs to the caller;
`foreign` is the same about somebody else's, which nobody may touch, whatever their role.
"""

from dataclasses import dataclass
from typing import Any

from tests.security import outer_routes, task_routes


@dataclass(frozen=True, slots=True)
class Write:
    route: str  # method and path, as the application declares it
    least: str
    url: str
    body: Any = None  # JSON for the API, a form for pages
    foreign: str = ""
    tokens: bool = True  # whether an API token with the scope `*` may do it
    file: str = ""  # the name of a file that is sent instead of JSON

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]

    @property
    def is_api(self) -> bool:
        return self.url.startswith("/api/")


_HOOK = {"kind": "webhook", "options": {"url": "https://hooks.example.com/y"}}
_RULE = {"name": "new", "when": {"detail-type": ["y"]}, "do": [{"incident": {"severity": 1}}]}
_TRIGGER = {
    "name": "new",
    "title": "New",
    "pattern": {"outcome": ["failed"]},
    "at_least": 2,
    "window_s": 60,
}
_TRIGGER_FORM = {"title": "New", "pattern": '{"outcome": ["failed"]}', "at_least": "2", "window_s": "60",
                 "per": "all", "severity": "3", "enabled": "on"}  # fmt: skip
_CHECK = {"every": "30s", "confirm": "2", "recover": "1", "kind": "http"}
_PASSWORDS = {"old": "a heron by the weir", "new": "a kingfisher in rain"}
_PASSWORD = {"password": "a heron by the weir"}
_ADDRESS = _PASSWORD | {"email": "other@example.com"}
_CODE = {"code": "{recovery_viewer}"}
_PROOF = _CODE | {"password": _PASSWORDS["old"]}
_NEW_PROOF = {"code": "{code_of_pending}", "password": _PASSWORDS["old"]}
_FILES = {"files": [{"name": "f.yaml", "text": "teams: {ops: {title: Ops}}"}]}
_CSV = "service,check,kind,target\nnews,front,http,https://news.example.com/\n"
_TELLING = {"mails": "on", "digest": "hourly", "digest_hour": "8"}

WRITES = (
    # --- for everybody who is signed in
    Write("POST /-/services/{name}/now", "viewer", "/-/services/shop/now"),
    Write("POST /sign-out", "viewer", "/sign-out"),
    Write("POST /me", "viewer", "/me", {"name": "Me", "language": "", "time_zone": ""}),
    Write("POST /me/password", "viewer", "/me/password", _PASSWORDS),
    Write("POST /me/telling", "viewer", "/me/telling", _TELLING),
    Write("POST /me/telling/mute/{family}/{ident}", "viewer", "/me/telling/mute/task/{task}"),
    Write("POST /me/telling/unmute/{family}/{ident}", "viewer", "/me/telling/unmute/task/99",
          foreign="/me/telling/unmute/task/98"),
    Write("PATCH /api/v1/me/telling", "viewer", "/api/v1/me/telling", {"digest": "hourly"}),
    Write("PUT /api/v1/me/telling/muted/{family}/{ident}", "viewer",
          "/api/v1/me/telling/muted/task/{task}"),
    Write("DELETE /api/v1/me/telling/muted/{family}/{ident}", "viewer",
          "/api/v1/me/telling/muted/task/99", foreign="/api/v1/me/telling/muted/task/98"),
    Write("POST /me/email", "viewer", "/me/email", _ADDRESS),
    Write("POST /me/delete", "viewer", "/me/delete", _PASSWORD),
    Write("POST /api/v1/me/email", "viewer", "/api/v1/me/email", _ADDRESS, tokens=False),
    Write("POST /api/v1/me/delete", "viewer", "/api/v1/me/delete", _PASSWORD, tokens=False),
    Write("POST /me/tokens", "viewer", "/me/tokens", {"name": "new", "days": "9"}),
    Write("POST /me/tokens/{token_id}/revoke", "viewer", "/me/tokens/{token_of_caller}/revoke",
          foreign="/me/tokens/{token_erin_full}/revoke"),
    Write("POST /me/sessions/end-others", "viewer", "/me/sessions/end-others"),
    Write("DELETE /api/v1/sessions", "viewer", "/api/v1/sessions", tokens=False),
    Write("DELETE /api/v1/session", "viewer", "/api/v1/session", tokens=False),
    Write("POST /me/second-factor/begin", "viewer", "/me/second-factor/begin", _PROOF),
    Write("POST /me/second-factor/confirm", "viewer", "/me/second-factor/confirm", _NEW_PROOF),
    Write("POST /me/second-factor/codes", "viewer", "/me/second-factor/codes", _CODE),
    Write("POST /me/second-factor/off", "viewer", "/me/second-factor/off", _PROOF),
    Write("POST /api/v1/me/second-factor", "viewer", "/api/v1/me/second-factor", _PROOF, tokens=False),
    Write("POST /api/v1/me/second-factor/confirm", "viewer", "/api/v1/me/second-factor/confirm", _NEW_PROOF,
          tokens=False),
    Write("POST /api/v1/me/second-factor/codes", "viewer", "/api/v1/me/second-factor/codes", _CODE,
          tokens=False),
    Write("POST /api/v1/me/second-factor/off", "viewer", "/api/v1/me/second-factor/off", _PROOF,
          tokens=False),
    Write("POST /me/identities", "viewer", "/me/identities", {"password": _PASSWORDS["old"]}),
    Write("POST /me/identities/{identity_id}/unlink", "viewer", "/me/identities/{identity_viewer}/unlink",
          foreign="/me/identities/{identity_erin}/unlink"),
    Write("DELETE /api/v1/me/identities/{identity_id}", "viewer",
          "/api/v1/me/identities/{identity_viewer}", foreign="/api/v1/me/identities/{identity_erin}",
          tokens=False),
    Write("POST /me/sessions/{session_id}/end", "viewer", "/me/sessions/{session_of_caller}/end",
          foreign="/me/sessions/{session_of_other}/end"),
    Write("POST /api/v1/checks/now", "viewer", "/api/v1/checks/now", {"service": "shop", "wait_s": 0}),
    Write("POST /api/v1/rules/backtest", "viewer", "/api/v1/rules/backtest", {"pattern": {"x": [1]}}),
    Write("PATCH /api/v1/me", "viewer", "/api/v1/me", {"name": "Me"}, tokens=False),
    Write("POST /api/v1/me/password", "viewer", "/api/v1/me/password", _PASSWORDS, tokens=False),
    Write("DELETE /api/v1/sessions/{session_id}", "viewer", "/api/v1/sessions/{session_of_caller}",
          foreign="/api/v1/sessions/{session_of_other}", tokens=False),
    Write("POST /api/v1/tokens", "viewer", "/api/v1/tokens", {"name": "new"}, tokens=False),
    Write("DELETE /api/v1/tokens/{token_id}", "viewer", "/api/v1/tokens/{token_of_caller}",
          foreign="/api/v1/tokens/{token_erin_full}", tokens=False),
    # --- for responders
    Write("POST /incidents/{incident_id}/take", "responder", "/incidents/{incident}/take"),
    Write("POST /incidents/{incident_id}/hand-over", "responder", "/incidents/{incident}/hand-over",
          {"user_id": "{erin}"}),
    Write("POST /-/notes/{family}/{ident}", "responder", "/-/notes/incident/{incident}",
          {"text": "I look."}),
    Write("POST /api/v1/notes", "responder", "/api/v1/notes?subject=incident/1", {"text": "I look."}),
    Write("POST /api/v1/attachments", "responder", "/api/v1/attachments?subject=incident/1",
          file="seen.txt"),
    Write("POST /incidents/{incident_id}/resolve", "responder", "/incidents/{incident}/resolve",
          {"why": "It is over."}),
    Write("POST /api/v1/incidents/{incident_id}/acknowledge", "responder",
          "/api/v1/incidents/{incident}/acknowledge"),
    Write("POST /api/v1/incidents/{incident_id}/hand-over", "responder",
          "/api/v1/incidents/{incident}/hand-over", {"user": "{erin}"}),
    Write("POST /api/v1/incidents/{incident_id}/comment", "responder",
          "/api/v1/incidents/{incident}/comment", {"text": "I look."}),
    Write("POST /api/v1/incidents/{incident_id}/resolve", "responder",
          "/api/v1/incidents/{incident}/resolve", {"why": "It is over."}),
    # --- for editors
    Write("POST /services/{name}/checks/{check}/pause", "editor", "/services/shop/checks/home/pause"),
    Write("POST /services/{name}/checks/{check}/resume", "editor", "/services/shop/checks/home/resume"),
    Write("POST /api/v1/checks/{check_id}/pause", "editor", "/api/v1/checks/{check}/pause"),
    Write("POST /api/v1/checks/{check_id}/resume", "editor", "/api/v1/checks/{check}/resume"),
    Write("POST /deliveries/{delivery_id}/again", "editor", "/deliveries/{delivery}/again"),
    Write("POST /api/v1/deliveries/{delivery_id}/again", "editor", "/api/v1/deliveries/{delivery}/again"),
    Write("POST /rules", "editor", "/rules",
          {"name": "new", "when": '{"x": [1]}', "do": '[{"incident": {}}]', "enabled": "1"}),
    Write("POST /rules/{name}/switch", "editor", "/rules/mine/switch", {"enabled": ""}),
    Write("POST /api/v1/rules", "editor", "/api/v1/rules", _RULE),
    Write("PUT /api/v1/rules/{name}", "editor", "/api/v1/rules/mine", _RULE | {"name": "mine"}),
    Write("POST /requests/triggers", "editor", "/requests/triggers", _TRIGGER_FORM | {"name": "new"}),
    Write("POST /requests/triggers/try", "editor", "/requests/triggers/try", _TRIGGER_FORM),
    Write("POST /requests/triggers/{name}/switch", "editor", "/requests/triggers/mine/switch",
          {"enabled": ""}),
    Write("POST /api/v1/request-triggers", "editor", "/api/v1/request-triggers", _TRIGGER),
    Write("POST /api/v1/request-triggers/try", "editor", "/api/v1/request-triggers/try",
          {"pattern": {"outcome": ["failed"]}}),
    Write("PUT /api/v1/request-triggers/{name}", "editor", "/api/v1/request-triggers/mine",
          _TRIGGER | {"name": "mine"}),
    # --- for administrators
    Write("POST /-/note/{note_id}/edit", "admin", "/-/note/{note}/edit", {"text": "Changed."}),
    Write("POST /-/note/{note_id}/delete", "admin", "/-/note/{note}/delete"),
    Write("POST /-/note/{note_id}/restore", "admin", "/-/note/{note_gone}/restore"),
    Write("POST /-/attachment/{attachment_id}/delete", "admin", "/-/attachment/{attachment}/delete"),
    Write("POST /-/attachment/{attachment_id}/restore", "admin",
          "/-/attachment/{attachment_gone}/restore"),
    Write("PATCH /api/v1/notes/{note_id}", "admin", "/api/v1/notes/{note}", {"text": "Changed."}),
    Write("DELETE /api/v1/notes/{note_id}", "admin", "/api/v1/notes/{note}"),
    Write("DELETE /api/v1/attachments/{attachment_id}", "admin", "/api/v1/attachments/{attachment}"),
    Write("POST /requests/triggers/{name}/delete", "admin", "/requests/triggers/mine/delete"),
    Write("DELETE /api/v1/request-triggers/{name}", "admin", "/api/v1/request-triggers/mine"),
    Write("POST /rules/{name}/delete", "admin", "/rules/mine/delete"),
    Write("DELETE /api/v1/rules/{name}", "admin", "/api/v1/rules/mine"),
    Write("POST /services/new", "admin", "/services/new", {"title": "News"}),
    Write("POST /services/{name}/edit", "admin", "/services/shop/edit", {"title": "The shop"}),
    Write("POST /services/{name}/delete", "admin", "/services/shop/delete"),
    Write("POST /services/{name}/checks/new", "admin", "/services/shop/checks/new",
          _CHECK | {"name": "new", "options.url": "https://new.example.com/"}),
    Write("POST /services/{name}/checks/{check}/edit", "admin", "/services/shop/checks/home/edit",
          _CHECK | {"options.url": "https://other.example.com/"}),
    Write("POST /services/{name}/checks/{check}/delete", "admin", "/services/shop/checks/home/delete"),
    Write("POST /api/v1/services", "admin", "/api/v1/services", {"name": "news"}),
    Write("PUT /api/v1/services/{name}", "admin", "/api/v1/services/shop", {"name": "shop", "title": "S"}),
    Write("DELETE /api/v1/services/{name}", "admin", "/api/v1/services/shop"),
    Write("POST /api/v1/services/import", "admin", "/api/v1/services/import", {"csv": _CSV}),
    Write("POST /api/v1/checks", "admin", "/api/v1/checks",
          {"service": "shop", "name": "new", "http": "https://new.example.com/"}),
    Write("PUT /api/v1/checks/{check_id}", "admin", "/api/v1/checks/{check}",
          {"http": "https://other.example.com/"}),
    Write("DELETE /api/v1/checks/{check_id}", "admin", "/api/v1/checks/{check}"),
    Write("POST /channels", "admin", "/channels",
          {"name": "new", "kind": "webhook", "options.url": "https://hooks.example.com/y"}),
    Write("POST /channels/{name}", "admin", "/channels/hook",
          {"kind": "webhook", "options.url": "https://hooks.example.com/y"}),
    Write("POST /channels/{name}/delete", "admin", "/channels/hook/delete"),
    Write("POST /channels/{name}/test", "admin", "/channels/hook/test"),
    Write("POST /api/v1/channels", "admin", "/api/v1/channels", _HOOK | {"name": "new"}),
    Write("PUT /api/v1/channels/{name}", "admin", "/api/v1/channels/hook", _HOOK),
    Write("DELETE /api/v1/channels/{name}", "admin", "/api/v1/channels/hook"),
    Write("POST /api/v1/channels/{name}/test", "admin", "/api/v1/channels/hook/test"),
    Write("POST /api/v1/config/plan", "admin", "/api/v1/config/plan", _FILES),
    Write("POST /api/v1/config/apply", "admin", "/api/v1/config/apply", _FILES),
    Write("POST /people/new", "admin", "/people/new",
          {"email": "new@example.com", "name": "New", "role": "viewer"}),
    Write("POST /people/{user_id}", "admin", "/people/{erin}", {"name": "Erin", "role": "editor"}),
    Write("POST /people/{user_id}/disable", "admin", "/people/{erin}/disable"),
    Write("POST /people/{user_id}/enable", "admin", "/people/{erin}/enable"),
    Write("POST /people/{user_id}/delete", "admin", "/people/{frank}/delete"),
    Write("DELETE /api/v1/users/{user_id}", "admin", "/api/v1/users/{frank}"),
    Write("POST /people/joining", "admin", "/people/joining", {"join": "open", "role": "editor"}),
    Write("PATCH /api/v1/policy", "admin", "/api/v1/policy", {"join": "closed"}),
    Write("POST /people/{user_id}/second-factor/reset", "admin", "/people/{erin}/second-factor/reset"),
    Write("DELETE /api/v1/users/{user_id}/second-factor", "admin",
          "/api/v1/users/{erin}/second-factor"),
    Write("POST /people/{user_id}/link", "admin", "/people/{erin}/link"),
    Write("POST /people/teams/new", "admin", "/people/teams/new", {"name": "ops", "title": "Ops"}),
    Write("POST /people/teams/{team_id}", "admin", "/people/teams/{team}", {"title": "Shop"}),
    Write("POST /people/teams/{team_id}/delete", "admin", "/people/teams/{team}/delete"),
    Write("POST /api/v1/users", "admin", "/api/v1/users", {"email": "new@example.com", "name": "New"}),
    Write("PATCH /api/v1/users/{user_id}", "admin", "/api/v1/users/{erin}", {"role": "admin"}),
    Write("POST /api/v1/users/{user_id}/link", "admin", "/api/v1/users/{erin}/link"),
    Write("POST /api/v1/teams", "admin", "/api/v1/teams", {"name": "ops"}),
    Write("PATCH /api/v1/teams/{team_id}", "admin", "/api/v1/teams/{team}", {"title": "Shop"}),
    Write("DELETE /api/v1/teams/{team_id}", "admin", "/api/v1/teams/{team}"),
    *(Write(*row) for row in (*task_routes.ROWS, *outer_routes.ROWS)),
)  # fmt: skip

# Done and said, but nothing of it is kept.
KEEPS_NOTHING = task_routes.KEEPS_NOTHING | frozenset(
    {"POST /requests/triggers/try", "POST /api/v1/request-triggers/try",
     "POST /api/v1/rules/backtest", "POST /api/v1/config/plan", "POST /people/{user_id}/enable",
     "POST /services/{name}/checks/{check}/resume", "POST /api/v1/checks/{check_id}/resume"}
)  # fmt: skip
