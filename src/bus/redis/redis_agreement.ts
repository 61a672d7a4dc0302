/** With which topology a bus on Redis is used: a key beside its streams, looked at whenever a publisher or subscription begins. */
import type { Agreement } from "../bus.js";
import type { Link } from "./redis_link.js";

export class RedisAgreement {
  private readonly key: string;
  private agreement: Agreement | undefined;

  constructor(
    private readonly link: Link,
    namespace: string,
  ) {
    this.key = `{${namespace}}:topology`;
  }

  take(agreement: Agreement): void {
    const before = this.agreement?.topology ?? agreement.topology;
    if (before !== agreement.topology) throw agreement.otherwise(before, "Open another bus.");
    this.agreement = agreement;
  }

  /** Rejects where the server is used with another topology. */
  async check(): Promise<void> {
    const { agreement, link, key } = this;
    if (!agreement) return;
    const { topology } = agreement;
    const ask = async () => (await link.call(key, "GET", key)) ?? undefined;
    let used = await ask();
    if (used === undefined && (await link.call(key, "SET", key, topology, "NX")) !== null) return;
    // A second time, since an answer may be damaged on its way and nothing mends this error.
    if (used !== topology) used = await ask();
    if (used === topology) return;
    throw agreement.otherwise(String(used), `Where nobody uses it so any more, delete its key: redis-cli DEL '${key}'.`);
  }
}
