/** An answer of a venue's REST, bounded in time and size. */
import { type IncomingMessage, request } from "node:http";
import { request as requestSafe } from "node:https";
import { agentFor } from "./proxy.js";

export type Fetched = { readonly bytes: Buffer } | { readonly failed: string; readonly waitMs: number };

const mostBytes = 64 << 20;
/** Where a venue refuses and does not say for how long. */
const refusedMs = 30_000;
const mostSaid = 160;
const refusals = new Set([403, 418, 429]);

export function fetchBytes(url: string, timeoutMs: number, signal: AbortSignal): Promise<Fetched> {
  return new Promise((resolve) => {
    const failed = (what: string, waitMs = 0) => resolve({ failed: what, waitMs });
    const ask = url.startsWith("https:") ? requestSafe : request;
    const asked = ask(url, { agent: agentFor(url), signal, headers: { accept: "application/json", "user-agent": "tickforge" } });
    const timer = setTimeout(() => asked.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    asked.on("close", () => {
      clearTimeout(timer);
      failed("the connection ended");
    });
    asked.on("error", (error) => failed(error.message));
    asked.on("response", (response) => read(response, asked, resolve, failed));
    asked.end();
  });
}

function read(
  response: IncomingMessage,
  asked: { destroy(): void },
  resolve: (fetched: Fetched) => void,
  failed: (what: string, waitMs?: number) => void,
): void {
  const { statusCode = 0, headers } = response;
  const chunks: Buffer[] = [];
  let size = 0;
  response.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size <= mostBytes) return;
    failed(`an answer of more than ${mostBytes} bytes`);
    asked.destroy();
  });
  response.on("error", (error) => failed(error.message));
  response.on("end", () => {
    if (statusCode === 200 && response.complete) return resolve({ bytes: Buffer.concat(chunks) });
    const retry = Number(headers["retry-after"]);
    // Venues say in a line what is wrong, such as a symbol that they do not have.
    const said = Buffer.concat(chunks).toString().replace(/\s+/g, " ").trim().slice(0, mostSaid);
    failed(`status ${statusCode}${said && `: ${said}`}`, refusals.has(statusCode) ? (retry >= 0 ? 1000 * retry : refusedMs) : 0);
  });
}
