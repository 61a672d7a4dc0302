/** Who may ask: by the token, the page that asks (Origin) and the name under which it does (Host). */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { TickforgeError } from "../core/contract/errors.js";

export interface Refusal {
  readonly status: 401 | 403;
  readonly text: string;
}

const bare = (name: string): string => name.replace(/^\[|\]$/g, "").toLowerCase();
export const isLoopback = (name: string): boolean => /^(localhost|::1|127(\.\d{1,3}){3}|::ffff:127(\.\d{1,3}){3})$/.test(bare(name));
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
const urlOf = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

export class Access {
  private readonly token: Buffer | undefined;
  private readonly names: ReadonlySet<string>;

  /** Refuses an address that others reach where no token is asked for. */
  constructor(
    private readonly host: string,
    token: string | undefined,
    private readonly origins: readonly string[],
  ) {
    if (token === undefined && !isLoopback(host)) {
      const hint = "pass a token that clients then send, or leave the host out: 127.0.0.1 is reached from this machine alone";
      throw new TickforgeError(
        "E_GATEWAY_TOKEN",
        `gateway: listening on ${host} without a token would let anybody on the network read every topic`,
        {
          option: "token",
          value: host,
          hint,
        },
      );
    }
    if (token === "")
      throw new TickforgeError("E_GATEWAY_TOKEN", "gateway: the token is empty", { option: "token", hint: "pass a long random text" });
    const hostOf = (origin: string): string => {
      const url = urlOf(origin);
      if (url && url.origin === origin) return bare(url.hostname);
      const hint = "write it as a browser sends it: https://desk.example, without a path or a slash at its end";
      throw new TickforgeError("E_GATEWAY_OPTION", `gateway: origins has '${origin}', which is no origin`, {
        option: "origins",
        value: origin,
        hint,
      });
    };
    this.names = new Set([bare(host), ...origins.map(hostOf)]);
    this.token = token === undefined ? undefined : digest(token);
  }

  /** Why this request is not answered; undefined where it is. */
  refusal({ headers, url = "/" }: IncomingMessage): Refusal | undefined {
    const host = urlOf(`http://${headers.host ?? ""}`);
    if (!host || !this.known(bare(host.hostname))) {
      // A page whose own name was made to lead here would send that name.
      return { status: 403, text: `this server is not known as '${headers.host ?? ""}': ask for its address, or name it in origins` };
    }
    const { origin } = headers;
    if (origin !== undefined && !this.welcome(origin, host))
      return { status: 403, text: `pages of ${origin} may not read here: name it in origins` };
    const { token } = this;
    if (!token) return undefined;
    const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1];
    const given = bearer ?? urlOf(`http://here${url}`)?.searchParams.get("token");
    if (given !== null && given !== undefined && timingSafeEqual(digest(given), token)) return undefined;
    const what = given === null || given === undefined ? "a token is needed" : "the token is not the right one";
    return { status: 401, text: `${what}: send the header 'Authorization: Bearer ...' or ?token=...` };
  }

  private known(name: string): boolean {
    return isLoopback(name) || this.names.has(name) || (!isLoopback(this.host) && isIP(name) !== 0);
  }
  private welcome(origin: string, host: URL): boolean {
    if (this.origins.includes(origin)) return true;
    const from = urlOf(origin);
    return from !== undefined && (from.host === host.host || (isLoopback(from.hostname) && isLoopback(host.hostname)));
  }
}
