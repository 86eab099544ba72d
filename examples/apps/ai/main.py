"""The AI service: what a text is (praise, problem, question, wish) and what it says in short."""

from collections.abc import Callable
from pathlib import Path

from learned import Classifier, load, summary

from web import Answer, App, Refused, Request, origins, serve

MOST = 20_000


class Ai:
    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier

    def health(self, _: Request) -> Answer:
        """What it learned is there: it says what it must say of one text."""
        return Answer(200, {"ok": self.classifier.guess("thank you").label == "praise"})

    def classify(self, request: Request) -> Answer:
        found = self.classifier.guess(_text(request))
        said = {"label": found.label, "share": round(found.share, 3), "because": found.because}
        return Answer(200, said)

    def summarise(self, request: Request) -> Answer:
        return Answer(200, {"sentences": summary(_text(request))})


def _text(request: Request) -> str:
    text = request.body.get("text") if isinstance(request.body, dict) else None
    if not isinstance(text, str) or not 0 < len(text.strip()) <= MOST:
        raise Refused(400, f"text has 1 to {MOST} characters.")
    return text


def routes(ai: Ai) -> dict[tuple[str, str], Callable[[Request], Answer]]:
    return {
        ("GET", "/healthz"): ai.health,
        ("POST", "/ai/classify"): ai.classify,
        ("POST", "/ai/summary"): ai.summarise,
    }


if __name__ == "__main__":
    serve(App(routes(Ai(load(Path(__file__).with_name("examples.tsv")))), origins()))
