// A call of a kernel as text: its golden inputs, those of the fewest numbers, with what comes out said beside. Needs dist.
const arrays = {
  f64: "Float64Array",
  f32: "Float32Array",
  real: "Float64Array",
  i64: "BigInt64Array",
  i32: "Int32Array",
  u32: "Uint32Array",
  i8: "Int8Array",
  u8: "Uint8Array",
};
const shown = 8;
const constructors = Object.fromEntries(Object.values(arrays).map((name) => [name, globalThis[name]]));

const sizeOf = ({ inputs }) => Object.values(inputs).reduce((sum, values) => sum + values.length, 0);
const literal = (value) =>
  typeof value === "bigint" ? `${value}n` : Object.is(value, -0) ? "-0" : String(value).replace("NaN", "Number.NaN");

/** Long columns of one number are said as such. */
function column(dtype, values) {
  const type = arrays[dtype];
  const same = values.length > 12 && values.every((value) => Object.is(value, values[0]));
  if (same) return `new ${type}(${values.length}).fill(${literal(values[0])})`;
  return `${type}.of(${values.map(literal).join(", ")})`;
}

const digits = (value) => (typeof value === "bigint" ? `${value}n` : String(Number.isInteger(value) ? value : +value.toPrecision(6)));
/** What is below what is promised of it, such as a residual, is 0. */
function comment(name, view, { exact, relative, floor = 0 }) {
  const least = exact ? 0 : Math.min(1e-9, relative * floor);
  const some = [...view.subarray(0, shown)].map((value) => digits(Math.abs(Number(value)) < least ? 0 : value)).join(", ");
  return `// ${name}: ${some}${view.length > shown ? `, ... (${view.length} values)` : ""}`;
}

/** What backends agree on: how many steps a solver took is another number on each. */
const agreed = ({ exact, relative, floor = 0 }) => exact || relative * floor < 0.5;

/** @returns {{ code: string, outputs: Record<string, ArrayBufferView> }} what is written, and what it computes on the reference. */
export function exampleOf(name, kernel) {
  const { contract } = kernel;
  const golden = [...contract.golden].sort((a, b) => sizeOf(a) - sizeOf(b))[0];
  const options = { ...contract.example, ...golden.options };
  const given = Object.entries(golden.inputs);
  const inputs = Object.fromEntries(given.map(([port, values]) => [port, constructors[arrays[contract.inputs[port].dtype]].from(values)]));
  const outputs = kernel(inputs, options, { backend: "reference" });
  const told = Object.fromEntries(Object.entries(outputs).filter(([port]) => agreed(contract.compare[port].f64)));
  const lines = given.map(([port, values]) => `    ${port}: ${column(contract.inputs[port].dtype, values)},`);
  const settings = Object.entries(options).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  const code = [
    `import { ${name} } from "tickforge";`,
    "",
    `const answer = ${name}(`,
    "  {",
    ...lines,
    "  },",
    `  { ${settings.join(", ")} },`.replace("{  }", "{}"),
    ");",
    ...Object.entries(told).map(([port, view]) => comment(`answer.${port}`, view, contract.compare[port].f64)),
  ].join("\n");
  return { code, outputs: told };
}
