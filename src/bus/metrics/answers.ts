/** /metrics and /healthz for any server of node:http, the gateway's among them. */
import { contentType, type Source, textOf } from "./exposition.js";

/** What is asked of a request and a response of node:http: programs without the types of Node know no more of them. */
export interface Asked {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}
export interface Answering {
  writeHead(status: number, headers: Readonly<Record<string, string>>): Answering;
  end(body?: string | Uint8Array): unknown;
}
/** A function of (IncomingMessage, ServerResponse) is one too. */
export type Answer = { answer(request: Asked, response: Answering): void }["answer"];
export interface EngineHealth {
  readonly name: string;
  /** Such as running, restarting, stopped. */
  readonly state: string;
  /** Since when, as ISO 8601. */
  readonly since: string;
  /** Of a state that is not as it should be. */
  readonly why?: string;
}
export interface Health {
  readonly ok: boolean;
  readonly engines: readonly EngineHealth[];
}

/** GET /metrics; a source that throws makes it 500 with the reason. */
export const metricsAnswer =
  (...sources: readonly Source[]): Answer =>
  (request, response) =>
    send(request, response, contentType, () => [200, textOf(sources)]);

/** GET /healthz: 200 where all is well, else 503. */
export const healthAnswer =
  (health: () => Health): Answer =>
  (request, response) =>
    send(request, response, "application/json", () => {
      const now = health();
      return [now.ok ? 200 : 503, JSON.stringify(now)];
    });

function send(request: Asked, response: Answering, type: string, make: () => [status: number, text: string]): void {
  const end = (status: number, type: string, text: string) =>
    response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(request.method === "HEAD" ? undefined : text);
  let made: [number, string];
  try {
    made = make();
  } catch (error) {
    return void end(500, "text/plain; charset=utf-8", `${(error as Error).message}\n`);
  }
  end(made[0], type, made[1]);
}
