/** The page of a system that `up` runs: in a thread of its own, told now and then how the system is. */
import type { Page } from "../../page/server/start_page.js";
import { startPage } from "../../page/server/start_page.js";
import type { Plan } from "../../system/plan/plan.js";
import type { SystemStatus } from "../../system/supervisor/status.js";
import type { Supervisor } from "../../system/supervisor/supervisor.js";
import type { PageWanted } from "./page_place.js";

const TELL_MS = 500;
export class LivePage {
  /** Where it is; undefined until it listens. */
  url: string | undefined;
  private readonly started: Promise<Page | undefined>;
  private timer: NodeJS.Timeout | undefined;

  /** `failed` hears why there is none. */
  constructor(
    private readonly supervisor: Supervisor,
    private readonly wanted: PageWanted,
    failed: (error: Error) => void,
  ) {
    const { plan, memory } = supervisor;
    const { name, instruments } = plan;
    const topics = plan.topics.map(({ topic, bus }) => ({ topic, bus }));
    const { host, port, token, control } = wanted;
    const options = { host, port, token, control, reserved: gatewayPorts(plan) };
    const log = (words: string) => void supervisor.log.write("info", words);
    this.started = startPage({ of: { live: { name, instruments, topics, memory } }, options }, undefined, log).then(
      (page) => this.begin(page, failed),
      (error: Error) => {
        failed(error);
        return undefined;
      },
    );
  }
  private begin(page: Page, failed: (error: Error) => void): Page {
    const { tokenFrom } = this.wanted;
    const [bare] = page.url.split("?");
    this.url = tokenFrom === undefined ? page.url : `${bare}?token=$${tokenFrom}`;
    this.supervisor.page = bare;
    const tell = () => page.hear(this.told(this.supervisor.status()));
    this.timer = setInterval(tell, TELL_MS);
    tell();
    void page.failed.then((error) => {
      this.url = this.supervisor.page = undefined;
      clearInterval(this.timer);
      failed(error);
    });
    return page;
  }
  private told({ state, seconds, engines, topics, buses: all }: SystemStatus) {
    const buses = new Map(this.supervisor.plan.topics.map(({ topic, bus }) => [topic.name, bus]));
    return {
      state,
      seconds,
      engines,
      buses: all,
      topics: topics.map((one) => ({ ...one, bus: buses.get(one.name) ?? "main", missed: 0 })),
    };
  }

  /** Its pages are told that the system has ended. */
  async close(): Promise<void> {
    const page = await this.started;
    clearInterval(this.timer);
    page?.hear(this.told(this.supervisor.status()));
    await page?.close(true);
  }
}

/** Where engines will listen that have no other port to go to. */
const gatewayPorts = ({ engines }: Plan): number[] =>
  engines.flatMap(({ engine, options }) =>
    engine === "gateway" && options.free !== true && typeof options.port === "number" ? [options.port] : [],
  );
