/** How what is shown stands, in one sentence below the head: the first that holds, the worst first. */
import type { FileLine } from "../series/wire.js";
import type { App } from "./base/app.js";
import { count, fixed, span as lasting } from "./base/format.js";

/** With nothing new for so long a running system is said to be silent, and a server that tells nothing at all, twice a second. */
const STALE_MS = 5000;
const SAID_MS = 10_000;

/** Of the connection; times of performance.now(). */
export interface Line {
  readonly lostAt: number | undefined;
  readonly resumed: { readonly at: number; readonly after: number; readonly other?: boolean } | undefined;
}

/** A class of the style sheet, and the words; none where there is nothing to say. */
export function standingOf(app: App, { lostAt, resumed }: Line): readonly [kind: string, words: string] {
  const { store, shown } = app;
  const now = performance.now();
  if (!app.connected && store.ended)
    return ["over", "The system has ended. This is what was seen of it; the page goes on when it is started again."];
  if (!app.connected && store.hello)
    return ["lost", `Disconnected for ${fixed((now - (lostAt ?? now)) / 1000, 0)} s: what is shown stands still. Trying again.`];
  if (!app.connected) return ["", "Connecting."];
  const silent = now - store.heardAt;
  if (store.hello && silent > STALE_MS)
    return ["lost", `The server has said nothing for ${lasting(silent)}, though the connection stands: what is shown may be old.`];
  if (resumed && now - resumed.at < SAID_MS) {
    const filled = resumed.other
      ? ". Its server was begun anew: what is shown is what it found still kept, and what came since."
      : "; what came meanwhile has been filled in.";
    return ["again", `Connected again after ${fixed(resumed.after / 1000, 1)} s${filled}`];
  }
  const wrong = store.files?.filter(({ error }) => error) ?? [];
  const reading = store.files?.find(({ read }) => read < 1);
  if (reading)
    return [
      "",
      `Reading ${reading.path}: ${fixed(100 * reading.read, 0)} %. It is shown as far as it is read; the next time its index is there.`,
    ];
  if (wrong.length > 0)
    return [
      "lost",
      wrong.map(({ error, rows }) => `${error!.message}.${rows > 0 ? ` ${count(rows)} rows before that are shown.` : ""}`).join(" "),
    ];
  const empty = store.files?.filter(({ rows }) => rows === 0) ?? [];
  if (store.files && empty.length === store.files.length)
    return ["over", `${store.files.map(({ path }) => path).join(", ")}: there is no row in it.`];
  if (store.ended) return ["over", "The system has ended."];
  const missed = store.system?.topics.filter(({ missed }) => missed > 0) ?? [];
  if (missed.length > 0)
    return [
      "lost",
      `This page was too slow for rows of ${missed.map(({ name, missed }) => `${name} (${count(missed)})`).join(", ")}; alarms among them are missing here.`,
    ];
  const still = now - store.movedAt;
  const charts = shown.view === "market" || shown.view === "risk" || shown.view === "portfolio";
  if (store.hello?.mode === "live" && charts && !shown.span && store.span && still > STALE_MS)
    return ["lost", `Nothing new for ${lasting(still)}: what is shown may be old.`];
  if (store.turnedBy !== undefined)
    return [
      "lost",
      `The time of rows went back by ${lasting(store.turnedBy)}: what was drawn of later times is left out. Their rows are under data.`,
    ];
  const notes = notesOf(store.files ?? []);
  if (notes !== "") return ["", notes];
  const starting = store.system?.engines.filter(({ state }) => state === "starting") ?? [];
  if (starting.length > 0) return ["", `Starting: ${starting.map(({ name }) => name).join(", ")}.`];
  if (store.hello?.mode === "live" && !store.span) return ["", "Connected; no rows yet."];
  return ["", ""];
}

function notesOf(files: readonly FileLine[]): string {
  const sum = (of: "holes" | "backwards") => files.reduce((all, one) => all + one[of], 0);
  const [holes, backwards] = [sum("holes"), sum("backwards")];
  const said = [
    holes > 0 && `${count(holes)} values of what is drawn are no number: lines are broken there.`,
    backwards > 0 && `${count(backwards)} rows say an earlier time than one before them: they are drawn at its time.`,
  ];
  return said.filter((one) => one !== false).join(" ");
}
