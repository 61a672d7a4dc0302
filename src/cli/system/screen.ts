/** What `up` shows while it runs: ten lines that change in place on a terminal, elsewhere a line now and then. */
import type { Supervisor } from "../../system/supervisor/supervisor.js";
import { count, plural, short } from "../kit/format.js";
import { undoOnLeaving } from "../kit/leaving.js";
import type { Terminal } from "../kit/terminal.js";
import { Latest } from "./latest.js";
import { enginesOf, headOf, remarks } from "./status.js";

const LIVE_MS = 500;
const PLAIN_MS = 10_000;
const FIRST_PLAIN_MS = 1000;
const MOST_LINES = 10;

export class Screen {
  private readonly live: boolean;
  private readonly timer: NodeJS.Timeout;
  private readonly latest: Latest;
  private lines = 0;
  private plainAt: number;
  private readonly release: () => void;

  constructor(
    private readonly supervisor: Supervisor,
    private readonly terminal: Terminal,
  ) {
    this.live = terminal.stdout.isTTY === true && process.env.TERM !== "dumb" && !terminal.quiet;
    this.latest = new Latest(supervisor);
    this.plainAt = performance.now() - PLAIN_MS + FIRST_PLAIN_MS;
    this.timer = setInterval(() => this.turn(), LIVE_MS);
    this.release = undoOnLeaving(() => void this.clear());
  }

  private turn(): void {
    this.latest.look();
    if (this.live) {
      this.show();
      return;
    }
    if (performance.now() - this.plainAt < PLAIN_MS) return;
    this.plainAt = performance.now();
    this.terminal.screen(`${this.line()}\n`);
  }

  private show(): void {
    const status = this.supervisor.status();
    const width = (this.terminal.stdout.columns || 80) - 1;
    const instruments = this.latest.lines();
    const engines = enginesOf(status).split("\n");
    const room = MOST_LINES - 1 - Math.min(instruments.length, 4);
    const told = [headOf(status), ...instruments.slice(0, 4), ...engines.slice(0, room)];
    const more = remarks(status);
    if (more.length > 0) told[MOST_LINES - 1] = more.length > 1 ? `${more[0]} (and ${more.length - 1} more: tickforge status)` : more[0]!;
    this.clear();
    const lines = told.slice(0, MOST_LINES).map((line) => line.slice(0, width));
    this.terminal.data(`${lines.join("\n")}\n`);
    this.lines = lines.length;
  }

  private line(): string {
    const { engines, topics, seconds, state } = this.supervisor.status();
    const rows = topics.reduce((sum, topic) => sum + topic.rows, 0);
    const rate = topics.reduce((sum, topic) => sum + topic.rowsPerSecond, 0);
    const restarts = engines.reduce((sum, engine) => sum + engine.restarts, 0);
    const odd = engines.filter((engine) => engine.state !== "running" && engine.state !== "ended");
    const facts = [
      `${seconds.toFixed(0)} s ${state}`,
      `${count(rows)} rows, ${short(rate)}/s`,
      plural(restarts, "restart"),
      ...odd.map(({ name, state }) => `${name} ${state}`),
      ...this.latest.facts(),
    ];
    return facts.join("   ");
  }

  /** Takes the lines away, so that something else can be told. */
  clear(): void {
    if (this.lines > 0) this.terminal.data(`\x1b[${this.lines}A\r\x1b[J`);
    this.lines = 0;
  }

  end(): void {
    clearInterval(this.timer);
    this.release();
    this.latest.look();
    if (this.live) this.show();
    else this.terminal.screen(`${this.line()}\n`);
    this.lines = 0;
  }
}
