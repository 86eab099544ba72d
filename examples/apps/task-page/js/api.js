// Everything this page says to Bongsu. Cookies go along (`credentials`), each write carries the token of the session.
import { API } from "../config.js";
import { language, t } from "./words.js";

const WAIT_MS = 15_000;
let csrf = "";

/** What the API refused, in its own words, in the reader's language. `code` is for programs. */
export class Refused extends Error {
  constructor(status, { code = "", message = "", problems = [] } = {}) {
    super(message || t("Something went wrong ({status}). Try again.", { status }));
    Object.assign(this, { status, code, problems });
  }
}

async function call(method, path, body, wait_ms = WAIT_MS) {
  const headers = { accept: "application/json", "accept-language": language() };
  const options = { method, headers, credentials: "include", signal: AbortSignal.timeout(wait_ms) };
  if (method !== "GET") headers["x-csrf-token"] = csrf;
  if (body instanceof FormData) options.body = body;
  else if (body !== undefined) {
    headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const answer = await sent(`${API}/api/v1${path}`, options);
  const text = await answer.text();
  if (!answer.ok) throw new Refused(answer.status, errorOf(text));
  return text ? JSON.parse(text) : null;
}

async function sent(address, options) {
  try {
    return await fetch(address, options);
  } catch {
    // A browser does not tell a page of another origin whether it was kept out or nobody was there.
    const message = t("{api} did not answer, or does not let this page in ({page}). Check that it runs and that BONGSU_CORS_ORIGINS names this page.", { api: API, page: location.origin });
    throw new Refused(0, { code: "away", message });
  }
}

function errorOf(text) {
  try {
    return JSON.parse(text).error;
  } catch {
    return {};
  }
}

const query = (values) => new URLSearchParams(values).toString();

export async function signIn(email, password, code) {
  const opened = await call("POST", "/session", { email, password, ...(code && { code }) });
  csrf = opened.csrf;
  return opened.user;
}

/** Who is signed in already, from a visit before; null when nobody is. */
export async function session() {
  try {
    const opened = await call("GET", "/session");
    csrf = opened.csrf;
    return opened.user;
  } catch (refused) {
    if (refused.status === 401) return null;
    throw refused;
  }
}

export const signOut = () => call("DELETE", "/session");
export const projects = async () => (await call("GET", "/projects")).projects;
export const project = (key) => call("GET", `/projects/${key}`);
export const tasks = (key, mine, limit) =>
  call("GET", `/tasks?${query({ project: key, ...(mine && { assignee: "me" }), status: "all", sort: "-updated", limit })}`);
export const task = (key) => call("GET", `/tasks/${key}`);
export const createTask = (values) => call("POST", "/tasks", values);
export const changeTask = (key, values) => call("PATCH", `/tasks/${key}`, values);
export const moveTask = (key, column, version) => call("POST", `/tasks/${key}/move`, { column, version });
export const notes = async (id) => (await call("GET", `/notes?${query({ subject: `task/${id}` })}`)).notes;
export const addNote = (id, text) => call("POST", `/notes?${query({ subject: `task/${id}` })}`, { text });
export const attachments = async (id) => (await call("GET", `/attachments?${query({ subject: `task/${id}` })}`)).attachments;

export function attach(id, file) {
  const form = new FormData();
  form.append("file", file);
  return call("POST", `/attachments?${query({ subject: `task/${id}` })}`, form, 120_000);
}

/** Files are asked at the address of the API, whatever name Bongsu gives itself in links. */
export const fileAddress = (url) => API + new URL(url, API).pathname;
