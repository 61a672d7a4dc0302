/** Fields of a JSON record, found by their paths: the readable form of native/kernels/files/json_text.h. */
import type { Field } from "./field.js";

/** Keys from the outermost to that of the value, with points between: "data.p"; places of an array as numbers: "2". */
export interface Path {
  /** Number of what it leads to. */
  role: number;
  path: string;
}
export interface Found {
  fields: Map<number, Field>;
  /** A string with a backslash was found for it. */
  escaped: number | undefined;
  stopped: boolean;
  /** Where the line is no JSON. */
  wrong: number | undefined;
}

/** `go`: whether to go on after a field was found. What no path leads to is stepped over by its quotes and brackets. */
export function jsonFields(text: string, paths: readonly Path[], go: (role: number, field: Field) => boolean): Found {
  const found: Found = { fields: new Map(), escaped: undefined, stopped: false, wrong: undefined };
  let at = 0;
  const blanks = () => {
    while (text[at] === " " || text[at] === "\t" || text[at] === "\r") at++;
  };

  function string(): boolean {
    for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === "\\") at++;
    if (at >= text.length) {
      at = text.length;
      return false;
    }
    at++;
    return true;
  }

  function container(): boolean {
    for (let depth = 0; at < text.length; ) {
      const c = text[at]!;
      if (c === '"') {
        if (!string()) return false;
        continue;
      }
      at++;
      if ("{[".includes(c)) depth++;
      if ("}]".includes(c)) depth--;
      if (depth === 0) return true;
    }
    return false;
  }

  function value(key: string, open: readonly Path[]): boolean {
    const here = open.filter(({ path }) => path === key);
    const inside = open.flatMap(({ role, path }) => (path.startsWith(`${key}.`) ? [{ role, path: path.slice(key.length + 1) }] : []));
    const start = at;
    let field: Field;
    if (at >= text.length) return false;
    if (text[at] === '"') {
      if (!string()) return false;
      field = { start: start + 1, end: at - 1 };
      if (here.length > 0 && text.slice(field.start, field.end).includes("\\")) found.escaped = here[0]!.role;
    } else if ("{[".includes(text[at]!)) {
      if (!(inside.length === 0 ? container() : members(inside))) return false;
      field = { start, end: at };
    } else {
      while (at < text.length && /[A-Za-z0-9.+-]/.test(text[at]!)) at++;
      if (at === start) return false;
      field = { start: text.slice(start, at) === "null" ? at : start, end: at };
    }
    for (const { role } of here) {
      if (found.stopped) break;
      found.fields.set(role, field);
      found.stopped = !go(role, field);
    }
    return true;
  }

  function members(open: readonly Path[]): boolean {
    const keyed = text[at++] === "{";
    const bracket = keyed ? "}" : "]";
    blanks();
    if (text[at] === bracket) return at++ >= 0;
    for (let place = 0; ; place++) {
      blanks();
      let key = String(place);
      if (keyed) {
        const start = at + 1;
        if (text[at] !== '"' || !string()) return false;
        key = text.slice(start, at - 1);
        blanks();
        if (text[at] !== ":") return false;
        at++;
      }
      blanks();
      if (!value(key, open)) return false;
      if (found.stopped) return true;
      blanks();
      if (text[at] !== "," && text[at] !== bracket) return false;
      if (text[at++] === bracket) return true;
    }
  }

  while (/[0-9 \t\r]/.test(text[at] ?? "")) at++;
  const taken = "{[".includes(text[at] ?? "x") && members(paths);
  if (taken && !found.stopped) blanks();
  if (!taken || (!found.stopped && at < text.length)) found.wrong = at;
  return found;
}
