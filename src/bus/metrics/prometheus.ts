import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Gauge as PromGauge, Registry } from "prom-client";
import { needMethods } from "../../core/contract/arguments.js";
import { BusError } from "../../core/contract/errors.js";
import type { Histogram } from "./histogram.js";
import type { Family, Labels, Metrics } from "./metrics.js";

/** Bounds of latency that Prometheus sees: powers of two from 256 ns to 17 s. */
const [FIRST, LAST] = [8, 34];

type Client = typeof import("prom-client");

async function load(): Promise<Client> {
  try {
    return await import("prom-client");
  } catch (cause) {
    const hint = "npm install prom-client";
    throw new BusError("E_PACKAGE_MISSING", "metrics as Prometheus text need the package prom-client, which is not installed", {
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
      const values = now().samples.flatMap(({ labels, value }) => lines(name, labels, value as Histogram));
      return { name, help, type: "histogram", aggregator: "sum", values } as unknown as Answer;
    }
  }
  new Counted(given);
}

/** `le` would include the bound itself, which a count of what is below does not; no clock tells the difference. */
function lines(name: string, labels: Labels, histogram: Histogram) {
  const { count, sum } = histogram;
  const bucket = (le: number | string, value: number) => ({ metricName: `${name}_bucket`, labels: { ...labels, le }, value });
  return [
    ...histogram.below(FIRST, LAST).map(({ bound, count }) => bucket(bound / 1e9, count)),
    bucket("+Inf", count),
    { metricName: `${name}_sum`, labels, value: sum / 1e9 },
    { metricName: `${name}_count`, labels, value: count },
  ];
}

/** The metrics in the text format of Prometheus. */
export async function prometheusText(metrics: Metrics): Promise<string> {
  needMethods("prometheusText: metrics", metrics, "a Metrics", "families");
  const { Registry } = await load();
  const registry = new Registry();
  await register(metrics, registry);
  return registry.metrics();
}

export interface MetricsServer {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/**
 * GET /metrics on 127.0.0.1 and nowhere else; whoever is to scrape from another machine puts a proxy with a password before
 * it. Port 0 takes a free one. The server does not keep Node alive.
 */
export async function serveMetrics(metrics: Metrics, { port = 0 }: { port?: number } = {}): Promise<MetricsServer> {
  const { Registry } = await load();
  const registry = new Registry();
  await register(metrics, registry);
  const { createServer } = await import("node:http"); // with the first server: Node loads much for it
  const server = createServer((request, response) => void answer(registry, request, response));
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

async function answer(registry: Registry, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const end = (status: number, text: string, headers: Record<string, string> = { "content-type": "text/plain; charset=utf-8" }) =>
    response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : text);
  // A page whose name was made to point here would send that name.
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? "")) return void end(403, "only as 127.0.0.1 or localhost\n");
  if (request.url?.split("?")[0] !== "/metrics") return void end(404, "see /metrics\n");
  if (request.method !== "GET" && request.method !== "HEAD") return void end(405, "GET only\n", { allow: "GET, HEAD" });
  try {
    end(200, await registry.metrics(), { "content-type": registry.contentType });
  } catch (error) {
    end(500, `${(error as Error).message}\n`);
  }
}
