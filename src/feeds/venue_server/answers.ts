/** Answers over HTTP, and what may come of them. */
import type { ServerResponse } from "node:http";
import type { RestAnswer } from "./dialect.js";
import type { AnswerFault, Faults } from "./faults.js";

const json = "application/json;charset=UTF-8";

/** Milliseconds for which the client was told to ask no more; 0 where it was not. */
export function answerWith(
  response: ServerResponse,
  { status, body, headers }: RestAnswer,
  fault: AnswerFault | undefined,
  faults: Faults | undefined,
  /** What was answered to the same question before. */
  before: string | undefined,
): number {
  const plain = () => response.writeHead(status, { "content-type": json, ...headers }).end(body);
  switch (fault) {
    case undefined:
      plain();
      return 0;
    case "limited":
      response.writeHead(429, { "content-type": json, "retry-after": "1" }).end('{"code":-1003,"msg":"Too much request weight used."}');
      return 1000;
    case "banned":
      response
        .writeHead(418, { "content-type": json, "retry-after": "2" })
        .end('{"code":-1003,"msg":"Way too much request weight used; IP banned."}');
      return 2000;
    case "failed":
      response.writeHead(faults!.pick([500, 502, 503, 504]), { "content-type": "text/html" }).end("<html><body>Bad gateway</body></html>");
      return 0;
    case "late":
      setTimeout(plain, 1 + faults!.below(faults!.stallMs)).unref();
      return 0;
    case "never":
      return 0;
    case "stale":
      response.writeHead(status, { "content-type": json, ...headers }).end(before ?? body);
      return 0;
    case "torn":
      response.writeHead(200, { "content-type": json, "content-length": String(Buffer.byteLength(body)) });
      response.write(body.slice(0, body.length >> 1));
      setTimeout(() => response.destroy(), 1).unref();
      return 0;
    case "garbage":
      response
        .writeHead(200, { "content-type": json })
        .end(faults!.pick(["", "[", "null", "{}", "[[]]", '[{"id":"x"}]', body.slice(0, -1)]));
      return 0;
  }
}
