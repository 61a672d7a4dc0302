/** Lines of the benchmark in processes: one each where there is time, several in one where a quick run would otherwise be too long. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Answer, Asked, LineAsked } from "./child.js";

export type Told = Answer | { failed: string };

/** Seconds that the lines of a quick run share, from the start of the process on. */
export const quickSeconds = 130;
/** Seconds after which a quick run begins no further line, and ends the one it is at. */
export const lastSecond = 150;
/** Lines of one process at most: what one leaves behind in memory is in the way of the next. */
const most = 40;

export interface Plan {
  /** Lines of the next process. */
  lines: number;
  /** Seconds of each, its process's start apart. */
  seconds: number;
}

/** Starts take a quarter of the time that is left, at most; `start` is what one took, in seconds. */
export function plan(linesLeft: number, secondsLeft: number, start: number): Plan {
  const lines = secondsLeft > 0 ? Math.min(most, linesLeft, Math.max(1, Math.ceil((4 * start * linesLeft) / secondsLeft))) : most;
  return { lines, seconds: Math.max(0, secondsLeft - (start * linesLeft) / lines) / linesLeft };
}

/** TensorFlow.js has one backend in a process. */
const alone = ({ backend }: LineAsked): boolean => backend.startsWith("tfjs-");

function together(lines: readonly LineAsked[], count: number): readonly LineAsked[] {
  const other = lines.findIndex((line, i) => i > 0 && (alone(line) || alone(lines[0]!)));
  return lines.slice(0, Math.min(count, other < 0 ? lines.length : other));
}

const child = fileURLToPath(new URL("./child.js", import.meta.url));
const now = (): number => performance.now() / 1e3;

/** What a process answered, a line each, in their order; fewer than were asked where its time was over. */
function ask(asked: Asked, timeout?: number): { answers: Told[]; start: number } {
  const begun = now();
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [child, JSON.stringify(asked)], {
    encoding: "utf8",
    maxBuffer: 1 << 24,
    ...(timeout !== undefined && { timeout }),
  });
  const answers: Told[] = stdout.split("\n").flatMap((text) => (text.endsWith("}") ? [JSON.parse(text) as Answer] : []));
  const took = answers.reduce((sum, answer) => sum + ("took" in answer ? answer.took : 0), 0);
  const start = now() - begun - took;
  if (status === 0) return { answers, start };
  const failed = /^\w*Error\b.*/m.exec(stderr)?.[0] ?? `ended by ${signal ?? `exit code ${status}`}`;
  return { answers: [...answers, { failed }], start };
}

/** Every line and its answer, in their order; of a quick run those for which there was time. Returns how many were not begun. */
export function askAll(lines: readonly LineAsked[], quick: boolean, tell: (line: LineAsked, answer: Told) => void): number {
  let start = 0.4;
  for (let at = 0; at < lines.length; ) {
    const left = lines.slice(at);
    if (quick && now() >= lastSecond) return left.length;
    const next = plan(left.length, quickSeconds - now(), start);
    const some = quick ? together(left, next.lines) : left.slice(0, 1);
    const patience = Math.max(10 * start, 1.5 * some.length * next.seconds);
    const asked = quick ? { lines: some, seconds: next.seconds, until: Date.now() + 1e3 * (start + patience) } : { lines: some };
    const { answers, start: took } = ask(asked, quick ? Math.max(1, Math.ceil(1e3 * (lastSecond - now()))) : undefined);
    if (quick && now() >= lastSecond && answers.some((answer) => "failed" in answer)) answers.pop(); // ended here, not by itself
    if (quick) start = took;
    some.slice(0, answers.length).forEach((line, i) => {
      tell(line, answers[i]!);
    });
    at += answers.length;
  }
  return 0;
}
