// Both languages. English is the key, as in Bongsu itself; {places} are named, sentences are whole.

const KOREAN = {
  "Tasks": "작업",
  "Sign in": "로그인",
  "Mail address": "메일 주소",
  "Password": "비밀번호",
  "Code": "인증 코드",
  "Six digits of your authenticator, or a recovery code": "인증 앱의 여섯 자리 숫자 또는 복구 코드",
  "This page belongs to {page} and asks {api}.": "이 페이지는 {page}에 있으며 {api}에 요청합니다.",
  "Sign out": "로그아웃",
  "Project": "프로젝트",
  "Mine": "내 작업",
  "Everybody’s": "모두",
  "Whose tasks": "누구의 작업",
  "New task": "새 작업",
  "Waiting": "대기 중",
  "In progress": "진행 중",
  "Done": "완료",
  "No task here": "작업 없음",
  "Move to {column}": "{column}(으)로 옮기기",
  "{task} is now in {column}.": "{task} 작업을 {column}(으)로 옮겼습니다.",
  "{task} is created.": "{task} 작업을 만들었습니다.",
  "{task} is saved.": "{task} 작업을 저장했습니다.",
  "Arrows choose a card, Shift and arrows move it, Enter opens it, N makes a new one": "화살표로 선택, Shift+화살표로 옮기기, Enter로 열기, N으로 새로 만들기",
  "Title": "제목",
  "Description": "설명",
  "Status": "상태",
  "Priority": "우선순위",
  "Low": "낮음",
  "Normal": "보통",
  "High": "높음",
  "Urgent": "긴급",
  "Due": "기한",
  "late": "지남",
  "Create the task": "작업 만들기",
  "Save": "저장",
  "Close": "닫기",
  "Comments": "댓글",
  "No comment yet": "아직 댓글 없음",
  "Write a comment": "댓글 쓰기",
  "Comment": "댓글 달기",
  "Attachments": "첨부 파일",
  "No file yet": "아직 파일 없음",
  "Attach a file": "파일 첨부",
  "Small picture of {name}": "{name}의 축소판",
  "Assigned to": "담당",
  "Nobody": "없음",
  "Open in Bongsu": "Bongsu에서 열기",
  "Removed": "삭제된 댓글",
  "Light or dark": "밝게 또는 어둡게",
  "You are in no project yet. Somebody who manages one can add you, in Bongsu.": "아직 참여한 프로젝트가 없습니다. 프로젝트 관리자가 Bongsu에서 추가할 수 있습니다.",
  "You may only look at this project.": "이 프로젝트는 볼 수만 있습니다.",
  "{api} did not answer, or does not let this page in ({page}). Check that it runs and that BONGSU_CORS_ORIGINS names this page.": "{api}에서 응답이 없거나 이 페이지({page})를 허용하지 않습니다. 실행 중인지, BONGSU_CORS_ORIGINS에 이 페이지가 있는지 확인하세요.",
  "Something went wrong ({status}). Try again.": "문제가 생겼습니다({status}). 다시 시도하세요.",
  "Your session has ended. Sign in and go on.": "세션이 끝났습니다. 로그인하고 계속하세요.",
  "Show what is there now": "지금 내용 보기",
  "{n} more in Bongsu": "Bongsu에 {n}개 더",
};

export const LANGUAGES = { en: "English", ko: "한국어" };

const stored = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
const store = (name, value) => { try { localStorage.setItem(name, value); } catch { /* a browser that keeps nothing */ } };

let chosen = stored("language") ?? (navigator.language.startsWith("ko") ? "ko" : "en");

export const language = () => chosen;

export function setLanguage(code) {
  chosen = code;
  store("language", code);
  document.documentElement.lang = code;
}

/** `t("Move to {column}", { column: "Done" })` */
export function t(text, values = {}) {
  const sentence = chosen === "ko" ? KOREAN[text] ?? text : text;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  store("theme", theme);
}

export function toggleTheme() {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark"
    || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  setTheme(dark ? "light" : "dark");
}

export function restore() {
  setLanguage(chosen);
  setTheme(stored("theme") ?? "");
}

const locale = () => (chosen === "ko" ? "ko-KR" : "en-GB");

/** `2026-11-30` or `2026-11-30 14:00` as people say it. */
export function dayText(due) {
  const [day, clock] = due.split(" ");
  const text = new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short" }).format(new Date(`${day}T12:00`));
  return clock ? `${text} ${clock}` : text;
}

export function isLate(due, now = new Date()) {
  const [day, clock] = due.split(" ");
  return new Date(`${day}T${clock ?? "23:59"}`) < now;
}

export const momentText = (iso) =>
  new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(iso));
