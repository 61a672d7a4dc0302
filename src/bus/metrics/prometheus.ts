import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Gauge as PromGauge, Registry } from "prom-client";
import { BusError } from "../../core/contract/errors.js";
import { type Answer, type Health, healthAnswer, metricsAnswer } from "./answers.js";
import { buckets, type Source, textOf } from "./exposition.js";
import type { Histogram } from "./histogram.js";
import type { Family, Metrics } from "./metrics.js";

type Client = typeof import("prom-client");

async function load(): Promise<Client> {
  try {
    return await import("prom-client");
  } catch (cause) {
    const hint = "npm install prom-client";
    throw new BusError("E_PACKAGE_MISSING", "metrics in a registry need the package prom-client, which is not installed", {
      hint,
      cause,
    });
  }
}

/** What is asked of a Registry of prom-client: programs without that package know its type no more than the package itself. */
export interface MetricsRegistry {
  metrics(): Promise<string>;
  registerMetric(metric: any): void;
}

/** Adds the metrics to a registry of prom-client, such as the one that an application has already; values are read at each scrape. */
export async function register(metrics: Metrics, registry: MetricsRegistry): Promise<void> {
  const client = await load();
  // All are asked in one go, and see one moment.
  let moment: Map<string, Family> | undefined;
  const now = (name: string) => {
    if (!moment) queueMicrotask(() => (moment = undefined));
    moment ??= new Map(metrics.families().map((family) => [family.name, family]));
    return moment.get(name)!;
  };
  for (const family of metrics.families()) {
    const { name, help, labels } = family;
    const given = { name, help, labelNames: [...labels], registers: [registry as Registry] };
    if (family.type === "histogram") counted(client, given, () => now(name));
    else if (family.type === "gauge")
      new client.Gauge({
        ...given,
        collect() {
          this.reset();
          for (const { labels, value } of now(name).samples) this.set(labels, value as number);
        },
      });
    else
      new client.Counter({
        ...given,
        collect() {
          this.reset();
          for (const { labels, value } of now(name).samples) this.inc(labels, value as number);
        },
      });
  }
}

type Given = { name: string; help: string; labelNames: string[]; registers: Registry[] };

/**
 * prom-client counts observations itself; where they are counted already, what a registry asks of a metric is answered
 * instead. A gauge is asked by `get` alone, its own Histogram in other ways too.
 */
function counted({ Gauge }: Client, given: Given, now: () => Family): void {
  type Answer = Awaited<ReturnType<PromGauge["get"]>>;
  class Counted extends Gauge {
    override async get(): Promise<Answer> {
      const { name, help } = given;
      const values = now().samples.flatMap(({ labels, value }) => buckets(name, labels, value as Histogram));
      return { name, help, type: "histogram", aggregator: "sum", values } as unknown as Answer;
    }
  }
  new Counted(given);
}

/** The metrics in the text format of Prometheus, which needs no package. */
export async function prometheusText(...sources: readonly Source[]): Promise<string> {
  return textOf(sources);
}

export interface MetricsServer {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}
export interface MetricsServerOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Answers GET /healthz, 503 where not all is well. */
  readonly health?: () => Health;
}

/**
 * GET /metrics on 127.0.0.1 and nowhere else, of one source or of several; whoever is to scrape from another machine puts a proxy
 * with a password before it. The server does not keep Node alive.
 */
export async function serveMetrics(metrics: Source | readonly Source[], options: MetricsServerOptions = {}): Promise<MetricsServer> {
  const { port = 0, health } = options;
  const sources = Array.isArray(metrics) ? metrics : [metrics];
  textOf(sources); // what is no source is refused here, not at the first scrape
  const { createServer } = await import("node:http"); // with the first server: Node loads much for it
  const answers = new Map([["/metrics", metricsAnswer(...sources)]]);
  if (health) answers.set("/healthz", healthAnswer(health));
  const server = createServer((request, response) => answer(answers, request, response));
  await listening(server, port);
  server.unref();
  const taken = (server.address() as { port: number }).port;
  return {
    port: taken,
    url: `http://127.0.0.1:${taken}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error & { code?: string }) => {
      const hint = "Choose another port, or 0 for one that is free.";
      reject(new BusError("E_BUS_PORT", `metrics: cannot listen on 127.0.0.1:${port} (${cause.code})`, { value: port, hint, cause }));
    };
    try {
      server.once("error", failed).listen(port, "127.0.0.1", () => resolve());
    } catch (cause) {
      failed(cause as Error);
    }
  });
}

function answer(answers: ReadonlyMap<string, Answer>, request: IncomingMessage, response: ServerResponse): void {
  const end = (status: number, text: string, headers: Record<string, string> = {}) =>
    void response.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...headers }).end(text);
  // A page whose name was made to point here would send that name.
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? "")) return void end(403, "only as 127.0.0.1 or localhost\n");
  const found = answers.get(request.url?.split("?")[0] ?? "");
  if (!found) return void end(404, `see ${[...answers.keys()].join(" and ")}\n`);
  if (request.method !== "GET" && request.method !== "HEAD") return void end(405, "GET only\n", { allow: "GET, HEAD" });
  found(request, response);
}
