/** Where a page may be, and who may change something there. */
import { TickforgeError } from "../../core/contract/errors.js";
import { isLoopback } from "../../gateway/access.js";

/** Refuses an address that others reach, and acknowledging for all, where no token is asked for. */
export function needSafePlace({ host, token, control }: { host: string; token?: string | undefined; control?: boolean | undefined }): void {
  if (token !== undefined) return;
  if (!isLoopback(host))
    throw new TickforgeError("E_PAGE_TOKEN", `page: on ${host} without a token anybody on the network could look at it`, {
      ...{
        option: "token",
        value: host,
        hint: "pass --token TEXT, or leave the address out: 127.0.0.1 is reached from this machine alone",
      },
    });
  if (control)
    throw new TickforgeError("E_PAGE_TOKEN", "page: alarms are acknowledged for all only by who has a token, and there is none", {
      ...{ option: "token", hint: "pass --token TEXT with --control, or leave --control out" },
    });
}
