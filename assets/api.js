// The public API, as this page uses it, and what is known about the connection to it.

/** usina answered, and the answer is no. `field` names the input that is to blame, where one is. */
export class ApiError extends Error {
  constructor(status, { code, message, detail }) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = detail?.field ?? null;
  }
}

/** Nobody answered. */
export class Disconnected extends Error {}

const PATIENCE_MS = 20_000;

const listeners = new Set();
let up = true;
let aheadMs = 0;

/** Calls `listener(up)` whenever the connection is lost or found again; returns the way to end that. */
export function onConnection(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The server's time in milliseconds: its clock and the browser's may differ, and jobs carry the server's. */
export const serverNow = () => Date.now() + aheadMs;

function note(nowUp) {
  if (up === nowUp) return;
  up = nowUp;
  listeners.forEach((listener) => listener(up));
}

async function call(path, options) {
  let response;
  try {
    response = await fetch(`/api/v1/${path}`, { ...options, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    note(false);
    throw new Disconnected('usina does not answer.');
  }
  note(true);
  const date = Date.parse(response.headers.get('date') ?? '');
  // The header has whole seconds; less than that is no difference.
  if (date && Math.abs(date - Date.now()) > 2_000) aheadMs = date - Date.now();
  if (!response.ok) throw await refusal(response);
  return response;
}

async function refusal(response) {
  const body = await response.json().catch(() => null);
  const message = `usina answered ${response.status} ${response.statusText}`.trim();
  return new ApiError(response.status, body?.error ?? { code: 'unreadable_answer', message });
}

/** A path whose parts may hold any character. */
export const path = (...parts) => parts.map(encodeURIComponent).join('/');

export const get = async (where) => (await call(where)).json();

export const getText = async (where) => (await call(where)).text();

export const post = async (where, body) => {
  const headers = { 'Content-Type': 'application/json' };
  return (await call(where, { method: 'POST', headers, body: JSON.stringify(body) })).json();
};
