/** What the commands write to, and with how much colour. */
import { once } from "node:events";
import { fstatSync } from "node:fs";
import { styleText } from "node:util";
import { exit, FailedError } from "./exit.js";
import { whyNot, writeAll } from "./files.js";
import { putRight } from "./leaving.js";

type Style = Parameters<typeof styleText>[0];

/** Colours that style writes. */
const colour = "\\u001b\\[(?:[12]|2[24]|3[0-9])m";
const unsafe = new RegExp(`(${colour})|[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]`, "g");

const visible = (control: string): string => `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`;

/** What a file holds may be quoted, but not command the terminal: control characters become visible escapes. */
export const quoted = (text: string): string => text.replace(/[^\P{Cc}\n\t]/gu, visible);
const printable = (text: string): string => text.replace(unsafe, (found, kept?: string) => kept ?? visible(found));

/** Files and devices: a stream of Node takes a short write for a whole one, and tells of a full disk when nobody waits any more. */
const writtenAtOnce = ((): boolean => {
  try {
    const found = fstatSync(1);
    return found.isFile() || (found.isCharacterDevice() && !process.stdout.isTTY);
  } catch {
    return false;
  }
})();

function unwritten(cause: unknown): FailedError {
  const [what, hint] = whyNot(cause);
  return new FailedError("E_WRITE", `stdout: ${what}; the answer is not whole`, { file: "stdout", hint, cause });
}

export class Terminal {
  color = true;
  quiet = false;
  /** The answer then goes to stderr. */
  dataOnStdout = false;
  /** Of a command that is more than its answers: told once that nobody takes them any more, and goes on. */
  onLost: ((what: string) => void) | undefined;
  private deaf = false;

  constructor(
    readonly stdout: NodeJS.WriteStream = process.stdout,
    readonly stderr: NodeJS.WriteStream = process.stderr,
  ) {
    stdout.on("error", (error: NodeJS.ErrnoException) => this.lost(error));
    // Who does not read what is told of the run still wants the run.
    stderr.on("error", () => {});
  }

  answer(text: string): void {
    if (this.dataOnStdout) this.stderr.write(printable(text));
    else this.data(printable(text));
  }

  /** What was asked for on stdout, as it is. */
  data(text: string): void {
    const { stdout } = this;
    if (this.deaf) return;
    if (stdout !== process.stdout || !writtenAtOnce) return void stdout.write(text);
    try {
      writeAll(1, Buffer.from(text));
    } catch (cause) {
      if (!this.goesOn(cause)) throw unwritten(cause);
    }
  }

  private goesOn(cause: unknown): boolean {
    if (!this.onLost) return false;
    if (!this.deaf) this.onLost(`stdout: ${(cause as NodeJS.ErrnoException).code === "EPIPE" ? "its reader went away" : whyNot(cause)[0]}`);
    this.deaf = true;
    return true;
  }

  /** An answer for people, which --quiet leaves out: with it there are the exit code, the files that were asked for, and errors. */
  screen(text: string): void {
    if (!this.quiet) this.answer(text);
  }

  /** An answer where there is more to come than a pipe takes. */
  async pour(text: string): Promise<void> {
    this.answer(text);
    if (this.stdout.writableNeedDrain) await once(this.stdout, "drain");
  }

  /** A reader that has seen enough closes the pipe: that is no failure. */
  private lost(error: NodeJS.ErrnoException): void {
    if (this.goesOn(error)) return;
    const undone = putRight();
    if (error.code === "EPIPE" && undone.length === 0) process.exit(process.exitCode ?? 0);
    const { message, hint } = unwritten(error);
    this.error(
      `tickforge: ${[error.code === "EPIPE" ? "stdout: its reader went away" : message, ...undone].join("; ")}\n  ${hint}   [E_WRITE]\n`,
    );
    process.exit(exit.failed);
  }

  /** Warnings and what goes on; silent with --quiet. */
  note(text: string): void {
    if (!this.quiet) this.stderr.write(printable(text));
  }

  error(text: string): void {
    this.stderr.write(printable(text));
  }

  /** styleText obeys NO_COLOR and knows whether the stream is a terminal. */
  style(style: Style, text: string, stream: NodeJS.WriteStream = this.stderr): string {
    if (!this.color || process.env.TERM === "dumb") return text;
    return styleText(style, text, { stream } as object);
  }
}
