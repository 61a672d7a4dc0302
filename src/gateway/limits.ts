import { needObject } from "../core/contract/arguments.js";
import { didYouMean, TickforgeError } from "../core/contract/errors.js";
import { said } from "../core/contract/given.js";

export interface GatewayLimits {
  /** Clients at once; 64. Another one is answered 503. */
  readonly clients: number;
  /** Bytes that may wait for one client before rows are left out for it; 1 MiB. */
  readonly bufferedBytes: number;
  /** Bytes beyond these that topics of which nothing is left out may fill before the client is closed; 512 KiB. */
  readonly keptBytes: number;
  /** About what a message to a client takes at most, though a row is never cut; 256 KiB. */
  readonly messageBytes: number;
  /** What a message of a client may take; 64 KiB. */
  readonly receivedBytes: number;
  /** Messages that a client may get wrong before it is closed; 16. */
  readonly wrong: number;
  /** Time between two looks whether a client is still there; 30,000. */
  readonly pingMs: number;
  /** Until a topic that could not be read is tried again; 1,000. */
  readonly againMs: number;
}

export const usual: GatewayLimits = {
  clients: 64,
  bufferedBytes: 2 ** 20,
  keptBytes: 2 ** 19,
  messageBytes: 2 ** 18,
  receivedBytes: 2 ** 16,
  wrong: 16,
  pingMs: 30_000,
  againMs: 1000,
};

/** The limits given, with the usual ones for the rest. */
export function limitsOf(given: Partial<GatewayLimits> = {}): GatewayLimits {
  needObject("Gateway: limits", given);
  for (const [option, value] of Object.entries(given)) {
    const details = { option: `limits.${option}`, value };
    if (!Object.hasOwn(usual, option)) {
      const near = didYouMean(option, Object.keys(usual));
      const hint = near ? `did you mean ${near}?` : `there are ${Object.keys(usual).join(", ")}`;
      throw new TickforgeError("E_GATEWAY_OPTION", `gateway: limits has no '${option}'`, { ...details, hint });
    }
    if (value === undefined || (Number.isInteger(value) && value >= 1)) continue;
    const hint = "a count, bytes or milliseconds; leave it out for the usual one";
    throw new TickforgeError("E_GATEWAY_OPTION", `gateway: limits.${option} is ${said(value)}, expected a whole number from 1`, {
      ...details,
      hint,
    });
  }
  const kept = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const limits = { ...usual, ...kept };
  if (4 * limits.messageBytes <= limits.bufferedBytes) return limits;
  const what = `gateway: limits.messageBytes is ${limits.messageBytes}, expected at most a quarter of bufferedBytes (${limits.bufferedBytes})`;
  const hint = "a client that was slow must have room for a message long before it is slow again";
  throw new TickforgeError("E_GATEWAY_OPTION", what, { option: "limits.messageBytes", value: limits.messageBytes, hint });
}
