/** The way out: direct, or through the proxy that the environment names (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY). */
import { Agent } from "node:http";
import { Agent as TlsAgent } from "node:https";
import { HttpsProxyAgent } from "https-proxy-agent";
import { getProxyForUrl } from "proxy-from-env";
import { TickforgeError } from "../../core/contract/errors.js";

const agents = new Map<string, Agent>();

/** Certificates are checked on every way; a proxy of http: is asked for a tunnel, so it sees no message. */
export function agentFor(url: string): Agent {
  const { protocol } = new URL(url);
  const safe = protocol === "wss:" || protocol === "https:";
  const proxy = getProxyForUrl(url.replace(/^ws/, "http"));
  const key = `${safe} ${proxy}`;
  let agent = agents.get(key);
  if (!agent) {
    agent = proxy === "" ? new (safe ? TlsAgent : Agent)({ keepAlive: true }) : (through(proxy) as unknown as Agent);
    agents.set(key, agent);
  }
  return agent;
}

function through(proxy: string): HttpsProxyAgent<string> {
  if (URL.canParse(proxy) && /^https?:$/.test(new URL(proxy).protocol)) return new HttpsProxyAgent(proxy, { keepAlive: true });
  // The address may hold a password, so it is not told.
  throw new TickforgeError("E_FEED_PROXY", "the proxy that the environment names is no address of http: or https:", {
    hint: "set HTTPS_PROXY to http://host:port, or NO_PROXY to the venue's host",
  });
}
