// Who is signed in decides which of the two pages is shown.
import "./policy.js";
import * as api from "./api.js";
import { Board } from "./board.js";
import { signInPage } from "./sign-in.js";
import { restore, t } from "./words.js";

const place = document.getElementById("page");
let board = null;
let user = null;

function show(element) {
  place.replaceChildren(element);
  document.title = t("Tasks");
}

function showSignIn(why = "") {
  board?.end();
  board = null;
  user = null;
  show(signInPage(showBoard, why));
  place.querySelector("input")?.focus();
}

async function showBoard(signedIn) {
  user = signedIn;
  const key = board?.project?.key;
  board?.end();
  board = new Board(user, signOut, showSignIn);
  show(board.element);
  await board.begin(key);
}

async function signOut() {
  try {
    await api.signOut();
  } finally {
    showSignIn();
  }
}

restore();
document.addEventListener("language", () => (user ? showBoard(user) : showSignIn()));
try {
  const known = await api.session();
  await (known ? showBoard(known) : showSignIn());
} catch (refused) {
  showSignIn(refused.message);
}
