/** Spans of batches for OpenTelemetry; a host that was given no tracer calls nothing. */
import { BusError } from "../../core/contract/errors.js";

/** One batch of one engine, when the work on it is done. */
export interface BatchSpan {
  readonly engine: string;
  readonly topic: string;
  /** Number of the first row, and rows. */
  readonly sequence: number;
  readonly rows: number;
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly endMs: number;
}
/** What a host calls after each batch, where it has one: `trace?.(span)`. */
export type BatchTrace = (span: BatchSpan) => void;

/**
 * A hook that makes a span of each batch on the tracer that the program has registered with @opentelemetry/api. Throws
 * E_PACKAGE_MISSING where that package is not installed.
 */
export async function traceBatches(): Promise<BatchTrace> {
  const api = await load();
  const tracer = api.trace.getTracer("tickforge");
  return ({ engine, topic, sequence, rows, startMs, endMs }) => {
    const attributes = { "tickforge.topic": topic, "tickforge.sequence": sequence, "tickforge.rows": rows };
    tracer.startSpan(engine, { startTime: startMs, attributes }).end(endMs);
  };
}

async function load(): Promise<typeof import("@opentelemetry/api")> {
  try {
    return await import("@opentelemetry/api");
  } catch (cause) {
    const hint = "npm install @opentelemetry/api";
    throw new BusError("E_PACKAGE_MISSING", "traces need the package @opentelemetry/api, which is not installed", { hint, cause });
  }
}
