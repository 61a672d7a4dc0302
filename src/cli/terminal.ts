/** What the commands write to, and with how much colour. */
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

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
    this.stdout.write(text);
  }

  /** Warnings and what goes on; silent with --quiet. */
  note(text: string): void {
    if (!this.quiet) this.stderr.write(text);
  }

  error(text: string): void {
    this.stderr.write(text);
  }

  /** styleText obeys NO_COLOR and knows whether the stream is a terminal. */
  style(style: Style, text: string, stream: NodeJS.WriteStream = this.stderr): string {
    if (!this.color || process.env.TERM === "dumb") return text;
    return styleText(style, text, { stream } as object);
  }
}
