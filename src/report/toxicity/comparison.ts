/** One page for several instruments: an index, a table that compares them, and a section for each of the largest. */
import { alarmEpisodes } from "../../analysis/toxicity.js";
import { clockOf } from "../kit/clock.js";
import { fitted, isLeast, type Live, type PageScript, page, type Section } from "../kit/page.js";
import { count, duration, escapeHtml, fixed, Markup, none, plural, significant, table } from "../kit/text.js";
import { checkBuckets, clocks } from "./toxicity.js";
import { cautions, dataBox, howMade, tiles } from "./toxicity_boxes.js";
import { panels } from "./toxicity_panels.js";
import type { ToxicityReport } from "./toxicity_report.js";
import { type Overview, overview, summary } from "./toxicity_summary.js";

export interface ComparedInstrument {
  name: string;
  /** Of this instrument alone; what holds for a whole tape, such as its data box, is that of its tape. */
  report: ToxicityReport;
  /** Reports of one tape share its number. */
  tape: number;
}

/** Sections of instruments, and of files; the table has more, and the rest are counted. */
const [mostSections, mostFiles, fewestSections] = [6, 24, 6];
const mostRows = 200;
/** What tells instruments apart; a page of one instrument has the rest. */
const shortPanels = ["price", "vpin", "spread", "flow", "impact", "variation", "episodes"];
/** Where all of these in less detail than this are too much for a page. */
const [ample, shortestPanels] = [0.2, ["price", "vpin"]];

interface Compared extends ComparedInstrument {
  id: string;
  facts: Overview;
}

/**
 * `all` are in the order in which they are to be listed; `leftOut` says of tapes that are not there why. With a script of its own its charts
 * follow the cursor, those of an instrument together.
 */
export function comparisonPage(all: readonly ComparedInstrument[], leftOut: readonly string[] = [], own?: PageScript): string {
  for (const { report } of all) checkBuckets(report);
  const compared = all.slice(0, mostRows).map((one, i): Compared => {
    const facts = overview(one.report, alarmEpisodes(one.report.buckets));
    return { ...one, id: `instrument-${i + 1}`, facts };
  });
  const [{ report }] = all as readonly [ComparedInstrument];
  const tapes = all.filter(({ tape }, i) => all.findIndex((other) => other.tape === tape) === i);
  const times = all
    .filter(({ report: { trades } }) => trades > 0)
    .map(({ report: { startTime, endTime } }) => [startTime, endTime] as const);
  const from = times.reduce((first, [start]) => (start < first ? start : first), times[0]?.[0] ?? 0n);
  const to = times.reduce((last, [, end]) => (end > last ? end : last), times[0]?.[1] ?? 0n);
  const clock = clockOf(report.zone);
  const made = (detail: number, live?: Live) => {
    const shown = withSections(compared).slice(0, isLeast(detail) ? fewestSections : undefined);
    return page({
      title: "Order-flow toxicity, compared",
      files: tapes.flatMap(({ report: { files } }) => files),
      subtitle: `${plural(all.length, "instrument")} of ${plural(tapes.length, "tape")} · ${clock.second(from)} to ${clock.second(to)} ${clock.zone} · window ${report.window}`,
      opening: [
        index(shown),
        ...leftOut.map((why) => `<p class="notice">Left out: ${escapeHtml(why)}.</p>`),
        notListed(all.length, shown.length, tapes.length, detail),
      ].join("\n"),
      sections: [
        { id: "comparison", heading: "Comparison", body: doubts(shown) + comparisonTable(compared, shown) },
        ...shown.map((one) => instrumentSection(one, all.filter(({ tape }) => tape === one.tape).length > 1, detail, live)),
        ...tapes
          .filter(({ tape }) => tapes.length === 1 || shown.some((one) => one.tape === tape))
          .map(({ report: of }, i) => dataSection(of, tapes.length, i)),
        { id: "made", heading: "How this page was made", body: `<div class="box">${howMade(wholeCall(report, tapes))}</div>` },
      ],
      footer: `Made by tickforge ${report.version}. This page is one file: it loads nothing and runs no script. ${clocks(report)}`,
      live,
      summary: {
        schema: 1,
        report: "toxicity comparison",
        instruments: compared.map(({ name, report: of, facts }) => ({ name, ...(short(summary({ ...of, files: [] }, facts)) as object) })),
      },
    });
  };
  return fitted(made, own);
}

/** Without the lists that --json has. */
const short = (whole: unknown): unknown => {
  const { episodes: _, sensitivity: __, data: ___, ...rest } = whole as Record<string, unknown>;
  return rest;
};

/** The first instruments, and the first of every file. */
const withSections = (compared: readonly Compared[]): Compared[] =>
  compared
    .filter((one, i) => i < mostSections || compared.findIndex(({ tape }) => tape === one.tape) === i)
    .slice(0, Math.max(mostSections, mostFiles));

/** What speaks against the buckets of an instrument, before they are compared. */
function doubts(shown: readonly Compared[]): string {
  const found = shown.flatMap(({ name, report: { fit } }) => (fit?.doubts ?? []).map((doubt) => `${name}: ${doubt}.`));
  return found.length
    ? `<div class="box"><h3>Before you compare</h3><ul>${found.map((text) => `<li>${escapeHtml(text)}</li>`).join("")}</ul></div>`
    : "";
}

/** The call with the files of all tapes. */
const wholeCall = (report: ToxicityReport, tapes: readonly ComparedInstrument[]): ToxicityReport => {
  const { "bucket-volume": _, ...options } = report.options;
  return { ...report, options, files: tapes.flatMap(({ report: { files } }) => files) };
};

const index = (shown: readonly Compared[]): string =>
  `<nav aria-label="Instruments"><p class="soft">${[
    ["comparison", "Comparison"] as const,
    ...shown.map(({ id, name }) => [id, name] as const),
    ["data", "Data"] as const,
    ["made", "How this page was made"] as const,
  ]
    .map(([id, name]) => `<a href="#${id}">${escapeHtml(name)}</a>`)
    .join(" · ")}</p></nav>`;

function notListed(all: number, shown: number, tapes: number, detail: number): string {
  const one =
    tapes > 1
      ? "Each file was read by itself. tickforge replay FILE --report shows one of them with all panels."
      : "The page of one instrument alone has more panels: --only SYMBOL.";
  const rest =
    all > shown
      ? ` ${tapes > 1 ? "The first of every file" : "The first"}, ${shown} of ${count(all)} in all, have a section of their own.`
      : "";
  const fewer =
    detail < ample ? " With so many, a section has the price and VPIN alone: --only SYMBOL, or the page of one file, has all." : "";
  const cut = all > mostRows ? ` The table lists ${count(mostRows)} of them; --json and --out have all.` : "";
  return `<p class="notice">${escapeHtml(one + rest + fewer + cut)}</p>`;
}

const nameCell = ({ id, name }: Compared, linked: boolean): Markup =>
  new Markup(linked ? `<a href="#${id}">${escapeHtml(name)}</a>` : escapeHtml(name));

function comparisonTable(compared: readonly Compared[], shown: readonly Compared[]): string {
  const rows = compared.map((one) => {
    const { report, facts } = one;
    const { buckets, bucketVolume, trades, volume } = report;
    const when = facts.greatest < 0 ? "" : clockOf(report.zone).minute(buckets.endTime[facts.greatest]!);
    const below = (value: string, note: string) => new Markup(`${escapeHtml(value)}<small>${escapeHtml(note)}</small>`);
    return [
      nameCell(one, shown.includes(one)),
      count(trades),
      significant(volume),
      below(count(buckets.endTime.length), `of ${significant(bucketVolume, 4)}`),
      fixed(facts.lastVpin, 3),
      fixed(facts.mean, 3),
      fixed(facts.p95, 3),
      below(fixed(buckets.vpin[facts.greatest] ?? Number.NaN, 3), when),
      below(count(facts.episodes.length), facts.episodes.length ? duration(facts.alarmTime) : ""),
      report.fit?.cell ?? none,
    ];
  });
  const says =
    "VPIN of different instruments compares only where their buckets are a like share of their volume; units of price and size differ from one to the next. " +
    `The first alarm of each can come after ${plural(compared[0]!.report.minHistory, "ranked VPIN value")}.`;
  const main = table({
    caption: "Instruments beside each other",
    columns: [
      "Instrument",
      "Trades",
      "Volume",
      "Buckets",
      "VPIN, last",
      "mean",
      "95 %",
      `greatest, when (${compared[0]!.report.zone ?? "UTC"})`,
      "Alarms",
      "Fit of buckets",
    ],
    rows,
    words: [0, 9],
  });
  return `<p class="soft">${says}</p>${main}${measureTable(compared, shown)}`;
}

/** Three digits; impacts and variances are often far below 1. */
const small = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(2).replaceAll("-", "\u2212") : significant(value, 3);

function measureTable(compared: readonly Compared[], shown: readonly Compared[]): string {
  const measures = compared[0]!.report.measures ?? [];
  if (!measures.length) return "";
  const mean = (values: Float64Array) => {
    const known = values.filter(Number.isFinite);
    return known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  return table({
    caption: "What else was measured: means over the buckets of each",
    columns: ["Instrument", ...measures.map(({ name }) => name.replaceAll("_", " "))],
    rows: compared.map((one) => [
      nameCell(one, shown.includes(one)),
      ...(one.report.measures ?? []).map(({ values }) => small(mean(values))),
    ]),
  });
}

/** `shared`: the tape has other instruments too, so what was found in it may be theirs. */
function instrumentSection({ id, name, report, facts }: Compared, shared: boolean, detail: number, live?: Live): Section {
  const own = shared ? { ...report, data: {}, rejected: {} } : report;
  const inside = panels(report, facts, {
    detail,
    kept: live && { ...live, prefix: `${id}-` },
    only: detail < ample ? shortestPanels : shortPanels,
  }).map(
    ({ id: panel, heading, body }) =>
      `<section id="${panel}" aria-labelledby="${panel}-h"><h3 id="${panel}-h">${escapeHtml(heading)}</h3>\n${body}</section>`,
  );
  return { id, heading: name, body: apart(`${tiles(report, facts)}${cautions(own, facts)}${inside.join("\n")}`, id) };
}

/** Every id once on a page: those of a section get its own before them. Text is escaped, so that only markup is changed. */
const apart = (html: string, id: string): string =>
  html.replace(
    / (id|aria-labelledby|aria-describedby)="([^"]+)"/g,
    (_, attribute: string, value: string) => ` ${attribute}="${id}-${value}"`,
  );

const dataSection = (report: ToxicityReport, tapes: number, tape: number): Section => ({
  id: tape === 0 ? "data" : `data-${tape + 1}`,
  heading: tapes === 1 ? "Data" : `Data of ${report.files.map(({ name }) => name.split("/").at(-1)).join(", ")}`,
  body: dataBox(report),
});
