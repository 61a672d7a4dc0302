import { type Layout, narrow, wide } from "./layout.js";
import { packedCharts } from "./pack.js";
import type { Kept } from "./stack.js";
import { patterns, style } from "./style.js";
import { escapeHtml, inertJson } from "./text.js";

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

/** What draws the charts of a page closer: a script of its own inside the page, and the only one that may run there. */
export interface PageScript {
  script: string;
  /** SHA-256 of the script in base64. */
  sha256: string;
  style: string;
}

/** What a page is made with where it has such a script. */
export interface Live extends Kept {
  readonly own: PageScript;
  /** Bytes that the charts may take. */
  readonly room: number;
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
  live?: Live | undefined;
  /** Repeated inside the page as inert JSON for programs; bigint and numbers that JSON lacks become text and null. */
  summary: unknown;
}

/** `: a.csv, b.csv and 3 more`, without folders. */
function named(files: readonly { name: string }[]): string {
  const names = files.slice(0, 2).map(({ name }) => name.split(/[\\/]/).at(-1));
  const more = files.length > names.length ? ` and ${files.length - names.length} more` : "";
  return names.length ? `: ${names.join(", ")}${more}` : "";
}

/** What a page says of itself, and in place of it where it has a script. */
const [still, scripted] = [
  "it loads nothing and runs no script",
  "it loads nothing, and the one script that it runs draws its charts closer",
];
const tooMany = "The charts of this page stay as they are: with what they are made of it would be larger than 400 kB.";

/** One file: it asks for nothing, stores nothing, and runs nothing but the script of `live`. */
export function page(of: Page): string {
  const charts = of.live && packedCharts(of.live.stacks, of.live.room);
  const own = charts === undefined ? undefined : of.live!.own;
  const without = of.live?.stacks.some(({ charts: drawn }) => drawn.length > 0) && !own ? `<p class="notice">${tooMany}</p>\n` : "";
  const sections = of.sections.map(
    (s) => `<section id="${s.id}" aria-labelledby="${s.id}-h"><h2 id="${s.id}-h">${escapeHtml(s.heading)}</h2>\n${s.body}</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; ${own ? `script-src 'sha256-${own.sha256}'; ` : ""}style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(of.title + named(of.files ?? []))}</title>
<style>${style}${own?.style ?? ""}</style>
</head>
<body>
${patterns}
<header><h1>${escapeHtml(of.title)}</h1><p class="under">${escapeHtml(of.subtitle)}</p></header>
<main>
${without}${of.opening}
${sections.join("\n")}
</main>
<footer><p>${escapeHtml(own ? of.footer.replace(still, scripted) : of.footer)}</p></footer>
<script type="application/json" id="summary">${inertJson(of.summary)}</script>${own ? `\n<script type="application/json" id="charts">${charts}</script>\n<script>${own.script}</script>` : ""}
</body>
</html>
`;
}

/** No page is larger in bytes than this; shares of the columns of pixels that are tried until it is not. */
const largest = 250_000;
const details = [1, 0.6, 0.35, 0.25, 0.15];
/** The last of them: parts of a page give way as well. */
export const isLeast = (detail: number): boolean => detail === details.at(-1);

/** With its script and what its charts are made of. */
const largestLive = 400_000;

const bytesOf = (html: string): number => new TextEncoder().encode(html).length;

/** The page in as much detail as its size allows; with `own`, its charts are kept in what is left. */
export function fitted(make: (detail: number, live?: Live) => string, own?: PageScript): string {
  for (const detail of details) {
    const html = make(detail);
    if (bytesOf(html) >= largest && !isLeast(detail)) continue;
    if (!own) return html;
    // Less the words that tell the two pages apart.
    const room = largestLive - bytesOf(html) - bytesOf(own.script) - bytesOf(own.style) - 1000;
    return make(detail, { own, room, stacks: [], prefix: "" });
  }
  return "";
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
