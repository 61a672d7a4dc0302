/** The backends there are, in order, and which one runs a bound call. */
import type { Backend, Bound, Program } from "./backends/backend.js";
import { reference } from "./backends/reference.js";
import { didYouMean, KernelError } from "./errors.js";

const backends: Backend[] = [reference];
let preferred: () => string = () => "auto";

/** Adds a backend in front of those there are, and says how the default is chosen (a name, or "auto": the first that has the kernel). */
export function use(backend: Backend, prefer?: () => string): void {
  if (!backends.includes(backend)) backends.unshift(backend);
  if (prefer) preferred = prefer;
}
export const backendNames = (): string[] => backends.map((b) => b.name);

/** The program that runs `bound`; errors tell every cause why a backend asked for by name cannot. */
export function programFor(bound: Bound, wanted = preferred()): Program {
  const candidates = wanted === "auto" ? backends.filter((b) => !b.onlyByName) : backends.filter((b) => b.name === wanted);
  const kernel = bound.contract.name;
  if (candidates.length === 0) {
    const near = didYouMean(wanted, backendNames());
    const hint =
      backends.length === 1
        ? 'only the reference is there: import from "tickforge", whose entry adds the others'
        : wanted === "accelerate"
          ? "Accelerate is what native multiplies matrices with on macOS: name native"
          : near
            ? `did you mean ${near}?`
            : `backends here: ${backendNames().join(", ")}`;
    throw new KernelError("E_BACKEND_UNKNOWN", `${kernel}: no backend is called '${wanted}'; ${hint}`, { kernel, value: wanted, hint });
  }
  for (const backend of candidates) {
    const program = backend.bind(bound);
    if (program) return program;
  }
  const causes = candidates.map((b) => `${b.name}: ${b.cause(bound.contract, bound.real)}`).join("; ");
  throw new KernelError("E_BACKEND_MISSING", `${kernel}: ${causes}`, { kernel, value: wanted, hint: "tickforge doctor tells more" });
}
