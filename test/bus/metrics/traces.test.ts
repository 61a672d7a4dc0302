import { type Span, type Tracer, trace } from "@opentelemetry/api";
import { afterEach, expect, it, vi } from "vitest";
import { traceBatches } from "../../../src/bus/metrics/traces.js";

afterEach(() => trace.disable());
const span = { engine: "toxicity", topic: "trades", sequence: 1024, rows: 256, startMs: 1_767_225_600_000, endMs: 1_767_225_600_002.5 };

it("a batch becomes a span of the program's own tracer, with its times and rows", async () => {
  const seen: unknown[] = [];
  const startSpan: Tracer["startSpan"] = (name, options) => {
    seen.push(name, options);
    return { end: (at: number) => void seen.push(at) } as unknown as Span;
  };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) as unknown as Tracer });
  (await traceBatches())(span);
  const attributes = { "tickforge.topic": "trades", "tickforge.sequence": 1024, "tickforge.rows": 256 };
  expect(seen).toEqual(["toxicity", { startTime: span.startMs, attributes }, span.endMs]);
});

it("says what to install where the package is not", async () => {
  vi.resetModules();
  vi.doMock("@opentelemetry/api", () => {
    throw new Error("Cannot find package '@opentelemetry/api'");
  });
  const fresh = await import("../../../src/bus/metrics/traces.js");
  await expect(fresh.traceBatches()).rejects.toMatchObject({ code: "E_PACKAGE_MISSING", hint: "npm install @opentelemetry/api" });
});
