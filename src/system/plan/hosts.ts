/** Which engines live on which host, and the topics that cross. */
import { didYouMean, TickforgeError } from "../../core/contract/errors.js";
import type { SystemFile } from "./keys.js";
import type { Bridge } from "./plan.js";
import type { Source } from "./source.js";
import type { Wires } from "./wires.js";

export class Hosts {
  readonly here: string;

  constructor(
    private readonly file: SystemFile,
    wanted: string | undefined,
    source: Source,
  ) {
    const names = Object.keys(file.engines);
    const hosts = [...new Set(names.map((name) => this.of(name)))];
    this.here = wanted ?? file.host;
    const far = names.find((name) => this.of(name) !== file.host);
    if (far !== undefined && file.redis === undefined)
      throw source.error(
        "E_SYSTEM_HOST",
        ["engines", far, "place"],
        `engine '${far}' lives on host '${this.of(far)}', and the file has no key redis`,
        {
          hint: 'add "redis": "redis://HOST:6379", which both hosts can reach',
        },
      );
    if (hosts.includes(this.here)) return;
    const near = didYouMean(this.here, hosts);
    throw new TickforgeError("E_SYSTEM_HOST", `no engine of the system lives on host '${this.here}'`, {
      value: this.here,
      hint: near ? `did you mean ${near}?` : `hosts are ${hosts.join(", ")}`,
    });
  }

  of(engine: string): string {
    const { place } = this.file.engines[engine]!;
    return typeof place === "object" ? place.host : this.file.host;
  }
  isHere = (engine: string): boolean => this.of(engine) === this.here;

  /** Those that begin or end here, in the order of the topics. */
  bridges({ given, taken }: Wires): Bridge[] {
    return [...given].flatMap(([topic, { giver }]) => {
      const from = this.of(giver);
      const takers = [...taken].filter(([, topics]) => topics.some((one) => one.topic === topic));
      const hosts = new Set(takers.map(([engine]) => this.of(engine)));
      return [...hosts].filter((to) => to !== from && [from, to].includes(this.here)).map((to) => ({ topic, from, to }));
    });
  }
}
