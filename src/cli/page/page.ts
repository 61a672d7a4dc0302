/** tickforge page: recordings, shown in a browser until a signal comes. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { TickforgeError } from "../../core/contract/errors.js";
import type { FileLine } from "../../page/series/wire.js";
import { startPage } from "../../page/server/start_page.js";
import type { Given } from "../kit/command.js";
import { exit, UsageError } from "../kit/exit.js";
import { count, plural } from "../kit/format.js";
import { interruptible } from "../kit/interrupt.js";
import type { Terminal } from "../kit/terminal.js";

const MOST_PORT = 65_535;

export async function page(given: Given): Promise<number> {
  const { terminal, values, words } = given;
  const { host = "127.0.0.1", token, port } = values as { host?: string; token?: string; port?: number };
  if (words.length === 0) throw new UsageError("page needs a recording, or a folder of them", "tickforge page --help");
  if (port !== undefined && port > MOST_PORT) throw new UsageError(`--port ${port}: a port is a number up to ${MOST_PORT}`);
  const options = { host, port, token, control: values.control === true, reserved: [] };
  const recordings = words.flatMap(recordingsOf);
  const asked = untilAsked(values.for as bigint | undefined);
  const shown = await startPage(
    { of: { recordings }, options },
    (files) => tell(terminal, files),
    (words) => terminal.note(`tickforge: ${words}\n`),
  );
  terminal.answer(`${shown.url}\n`);
  const failure = await Promise.race([asked.ended, shown.failed]);
  await shown.close(false);
  const code = asked.over();
  if (failure) throw failure;
  return shown.files.some(({ error }) => error) ? exit.badData : code;
}

/** Until a signal comes, or for so long. */
function untilAsked(limit: bigint | undefined): { readonly ended: Promise<undefined>; over(): number } {
  let end: () => void = () => {};
  const ended = new Promise<undefined>((resolve) => {
    end = () => resolve(undefined);
  });
  const interrupt = interruptible(end, () => {});
  const timer = limit === undefined ? undefined : setTimeout(end, Number(limit) / 1e6);
  const over = () => {
    clearTimeout(timer);
    interrupt.end();
    return limit === undefined ? interrupt.code : exit.ok;
  };
  return { ended, over };
}

/** A file as it is named; of a folder all recordings, by name. */
function recordingsOf(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  const found = readdirSync(path).filter((name) => name.endsWith(".tfr"));
  if (found.length > 0) return found.sort().map((name) => join(path, name));
  throw new TickforgeError("E_PAGE_EMPTY", `${path}: there is no recording in this folder`, {
    ...{ file: path, hint: "recordings end in .tfr; the engine recorder and tickforge record write them" },
  });
}

function tell(terminal: Terminal, files: readonly FileLine[]): void {
  for (const { path, topic, rows, error, index } of files) {
    const shown = error && topic ? `; ${count(rows)} rows before that are shown` : "";
    if (error) terminal.note(`tickforge: ${error.message}${shown}   [${error.code}]\n`);
    else if (rows === 0) terminal.note(`tickforge: ${path}: it holds no row of ${topic}\n`);
    if (index === "memory" && topic)
      terminal.note(`tickforge: ${path}.index cannot be written: the next page reads ${plural(rows, "row")} again\n`);
  }
}
