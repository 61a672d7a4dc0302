/** What `up` shows while it runs: ten lines that change in place on a terminal, elsewhere a line now and then. */
import type { SystemStatus } from "../../system/supervisor/status.js";
import type { Supervisor } from "../../system/supervisor/supervisor.js";
import { count, fixed, seconds, short } from "../kit/format.js";
import { undoOnLeaving } from "../kit/leaving.js";
import type { Terminal } from "../kit/terminal.js";
import { Latest } from "./latest.js";
import { addressesOf, oddOf, remarks, runsOf } from "./status.js";

const LIVE_MS = 500;
const PLAIN_MS = 10_000;
const FIRST_PLAIN_MS = 2000;
const MOST_LINES = 10;

export class Screen {
  private readonly live: boolean;
  private readonly timer: NodeJS.Timeout;
  private readonly latest: Latest;
  private lines = 0;
  private plainAt: number;
  /** Addresses stand on the first line that knows them. */
  private readonly told = new Set<string>();
  private readonly release: () => void;

  constructor(
    private readonly supervisor: Supervisor,
    private readonly terminal: Terminal,
    /** Where the page is, once it is there. */
    private readonly page: () => string | undefined,
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
    const more = remarks(status);
    const around = [
      ...this.latest.margin().slice(0, 2),
      runsOf(status),
      ...(status.state === "running" ? oddOf(status) : []),
      ...this.addresses(status),
      ...(more.length > 1 ? [`${more[0]} (and ${more.length - 1} more: tickforge status)`] : more),
    ];
    const { score } = this.latest;
    const head = [
      `${status.name} ${status.state} ${status.state === "ended" ? "after" : "for"} ${seconds(status.seconds)}`,
      this.latest.when(),
      Number.isNaN(score) ? "" : `health ${fixed(score, 0)} of 100`,
    ];
    const told = [head.filter(Boolean).join("   "), ...this.latest.instruments(MOST_LINES - 1 - around.length), ...around];
    this.clear();
    const lines = told.slice(0, MOST_LINES).map((line) => (line.length > width ? `${line.slice(0, width - 3)}...` : line));
    this.terminal.data(`${lines.join("\n")}\n`);
    this.lines = lines.length;
  }

  private line(): string {
    const status = this.supervisor.status();
    const { topics, state } = status;
    const rows = topics.reduce((sum, topic) => sum + topic.rows, 0);
    const rate = topics.reduce((sum, topic) => sum + topic.rowsPerSecond, 0);
    const addresses = this.addresses(status).filter((one) => !this.told.has(one));
    for (const one of addresses) this.told.add(one);
    return [
      `${status.seconds.toFixed(0)} s ${state}`,
      `${count(rows)} rows, ${short(rate)}/s`,
      ...oddOf(status),
      ...this.latest.facts(),
      ...addresses,
    ].join("   ");
  }

  private addresses(status: SystemStatus): string[] {
    const url = this.page();
    return [...(url === undefined ? [] : [`page at ${url}`]), ...addressesOf(status)];
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
    const { file, folder } = this.supervisor.plan;
    const again = `tickforge up${file === undefined ? "" : ` ${file}`}`;
    this.terminal.screen(`ended; states and log are in ${folder}\n${again} goes on from them, ${again} --fresh begins anew\n`);
  }
}
