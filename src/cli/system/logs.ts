/** tickforge logs: the lines of a system's log, as text or as they are. */
import * as fs from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { TickforgeError } from "../../core/contract/errors.js";
import { logPath } from "../../system/supervisor/home.js";
import type { LogLine } from "../../system/supervisor/log.js";
import type { Given } from "../kit/command.js";
import { exit } from "../kit/exit.js";
import { interruptible } from "../kit/interrupt.js";
import { quoted } from "../kit/terminal.js";
import { folderOf, whichOf } from "./which.js";

const usual = 100;
const LOOK_MS = 200;

export async function logs(given: Given): Promise<number> {
  const { terminal, values } = given;
  const path = logPath(folderOf(whichOf(given)));
  if (!fs.existsSync(path))
    throw new TickforgeError("E_SYSTEM_NONE", `${path}: no system has written a log there`, {
      ...{ file: path, hint: "start one with tickforge up; logs takes the same FILE and --folder" },
    });
  const wanted = (text: string) => {
    const line = parsed(text);
    return line && (values.engine === undefined || line.engine === values.engine)
      ? values.json === true
        ? text
        : textOf(line)
      : undefined;
  };
  const read = fs.readFileSync(path, "utf8");
  const lines = read.split("\n").flatMap((text) => wanted(text) ?? []);
  for (const line of lines.slice(-((values.limit as number | undefined) ?? usual))) terminal.answer(`${line}\n`);
  if (values.follow !== true) return exit.ok;
  let over = false;
  const interrupt = interruptible(
    () => {
      over = true;
    },
    () => {},
  );
  let at = Buffer.byteLength(read);
  let rest = "";
  while (!over) {
    await pause(LOOK_MS);
    const size = fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    // Moved away, or cut: what is there now is new.
    if (size < at) at = 0;
    if (size === at) continue;
    const part = Buffer.alloc(size - at);
    const file = fs.openSync(path, "r");
    const bytes = fs.readSync(file, part, 0, part.length, at);
    fs.closeSync(file);
    at += bytes;
    const texts = (rest + part.subarray(0, bytes).toString("utf8")).split("\n");
    rest = texts.pop()!;
    for (const line of texts.flatMap((text) => wanted(text) ?? [])) terminal.answer(`${line}\n`);
  }
  interrupt.end();
  return interrupt.code;
}

function parsed(text: string): LogLine | undefined {
  try {
    return text === "" ? undefined : (JSON.parse(text) as LogLine);
  } catch {
    // A line that was cut in half by a full disk.
    return undefined;
  }
}

export const textOf = ({ time, level, engine, message, code, hint }: LogLine): string =>
  quoted(
    `${time.slice(0, 23).replace("T", " ")} ${level.padEnd(5)} ${engine ? `${engine}: ` : ""}${message}${code ? `   [${code}]` : ""}${hint ? `\n  ${hint}` : ""}`,
  );
