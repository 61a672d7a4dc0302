/** What the commands write to, and with how much colour. */
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Colours that style writes. */
const colour = "\\u001b\\[(?:[12]|2[24]|3[0-9])m";
const unsafe = new RegExp(`(${colour})|[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]`, "g");

const visible = (control: string): string => `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`;

/** What a file holds may be quoted, but not command the terminal: control characters become visible escapes. */
export const quoted = (text: string): string => text.replace(/[^\P{Cc}\n\t]/gu, visible);
const printable = (text: string): string => text.replace(unsafe, (found, kept?: string) => kept ?? visible(found));

export class Terminal {
  color = true;
  quiet = false;

  constructor(
    readonly stdout: NodeJS.WriteStream = process.stdout,
    readonly stderr: NodeJS.WriteStream = process.stderr,
  ) {
    // A reader that has seen enough closes the pipe: that is no failure.
    for (const stream of [stdout, stderr])
      stream.on("error", (error: NodeJS.ErrnoException) => {
        if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
        throw error;
      });
  }

  answer(text: string): void {
    this.stdout.write(printable(text));
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
