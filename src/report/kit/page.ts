import { type Layout, narrow, wide } from "./layout.js";
import { patterns, style } from "./style.js";
import { escapeHtml } from "./text.js";

/** One part of a page under its own heading. */
export interface Section {
  id: string;
  heading: string;
  /** Markup, made by the functions of this folder. */
  body: string;
}

/** A file that went into the report. */
export interface ReportFile {
  name: string;
  /** Lower-case hexadecimal. */
  sha256: string;
  /** As it was detected or told, in words: "binance spot trades, no header, time in us (detected)". */
  format: string;
}

export interface Page {
  title: string;
  /** Files that the page is about: several pages of one kind lie beside each other in tabs and folders. */
  files?: readonly { name: string }[];
  /** One line under the title. */
  subtitle: string;
  /** Markup between the title and the first section. */
  opening: string;
  sections: readonly Section[];
  footer: string;
  /** Repeated inside the page as inert JSON for programs; bigint and numbers that JSON lacks become text and null. */
  summary: unknown;
}

/** `: a.csv, b.csv and 3 more`, without folders. */
function named(files: readonly { name: string }[]): string {
  const names = files.slice(0, 2).map(({ name }) => name.split(/[\\/]/).at(-1));
  const more = files.length > names.length ? ` and ${files.length - names.length} more` : "";
  return names.length ? `: ${names.join(", ")}${more}` : "";
}

/** One file: it asks for nothing, runs nothing and stores nothing. */
export function page(of: Page): string {
  const sections = of.sections.map(
    (s) => `<section id="${s.id}" aria-labelledby="${s.id}-h"><h2 id="${s.id}-h">${escapeHtml(s.heading)}</h2>\n${s.body}</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(of.title + named(of.files ?? []))}</title>
<style>${style}</style>
</head>
<body>
${patterns}
<header><h1>${escapeHtml(of.title)}</h1><p class="under">${escapeHtml(of.subtitle)}</p></header>
<main>
${of.opening}
${sections.join("\n")}
</main>
<footer><p>${escapeHtml(of.footer)}</p></footer>
<script type="application/json" id="summary">${inertJson(of.summary)}</script>
</body>
</html>
`;
}

/** `<` is written as an escape, so that no text can close the element it stands in. */
export const inertJson = (value: unknown): string =>
  JSON.stringify(value, (_, v) => (typeof v === "bigint" ? String(v) : v)).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** No page is larger in bytes than this; shares of the columns of pixels that are tried until it is not. */
const largest = 250_000;
const details = [1, 0.6, 0.35, 0.25, 0.15];
/** The last of them: parts of a page give way as well. */
export const isLeast = (detail: number): boolean => detail === details.at(-1);

/** The page in as much detail as its size allows. */
export function fitted(make: (detail: number) => string): string {
  let html = "";
  for (const detail of details) {
    html = make(detail);
    if (new TextEncoder().encode(html).length < largest) break;
  }
  return html;
}

export interface Figure {
  /** What is drawn and how to read it. */
  says: string;
  draw: (layout: Layout) => string;
  /** Markup of the key, or nothing. */
  key?: string;
  table: string;
}

export const figure = (of: Figure): string =>
  `<p class="soft">${escapeHtml(of.says)}</p><figure>${of.draw(wide)}\n${of.draw(narrow)}${of.key ?? ""}</figure>` +
  `<details><summary>Numbers of this chart</summary>${of.table}</details>\n`;

/** In place of a chart that would have nothing in it. */
export const empty = (why: string): string => `<p class="empty">${escapeHtml(why)}</p>`;
