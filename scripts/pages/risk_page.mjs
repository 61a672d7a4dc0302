// The sections of valueAtRisk and expectedShortfall for docs/kernels/risk.md: compositions of kernels, which have no contract of their own.
import { riskMethods } from "../../dist/src/kernels/risk/tail/value_at_risk.js";

const row = (...cells) => `| ${cells.join(" | ")} |`;
const table = (head, rows) => [row(...head), row(...head.map(() => "---")), ...rows].join("\n");
const common = ["assets", "confidence"];

const kernels = {
  historical: "historicalRisk",
  age_weighted: "ageWeightedRisk",
  filtered_historical: "filteredHistoricalRisk",
  gaussian: "parametricRisk",
  student_t: "parametricRisk",
  cornish_fisher: "parametricRisk",
  monte_carlo: "monteCarloRisk",
};
/** Options of a kernel that its method has no use for. */
const without = { gaussian: ["df", "shortfall"], student_t: ["shortfall"], cornish_fisher: ["df", "ddof"] };
const methodRow = ({ name, options }) => {
  const left = options.filter(
    (option) => ![...common, ...(name === "monte_carlo" ? [] : ["distribution"]), ...(without[name] ?? [])].includes(option),
  );
  return row(`\`${name}\``, `\`${kernels[name]}\``, left.map((option) => `\`${option}\``).join(", "));
};

/** What libraries call it, what gives the same here, and where it differs; test/kernels/risk/risk.test.ts computes each. */
const conventions = {
  valueAtRisk: [
    ["empyrical `value_at_risk(r, cutoff=0.05)`", "`{ confidence: 0.95 }`", "sign: theirs is a return, ours a loss"],
    ['PerformanceAnalytics `VaR(R, p=0.95, method="historical")`', "`{ confidence: 0.95 }`", "sign"],
    [
      'PerformanceAnalytics `VaR(R, p=0.95, method="gaussian")`',
      '`{ confidence: 0.95, method: "gaussian", ddof: 0 }`',
      "sign; its variance is that of the population",
    ],
    ['PerformanceAnalytics `VaR(R, p=0.95, method="modified")`', '`{ confidence: 0.95, method: "cornish_fisher" }`', "sign"],
    [
      "quantstats `value_at_risk(r, confidence=0.95)`",
      '`{ confidence: 0.95, method: "gaussian" }`',
      "sign; normal, whatever its name says",
    ],
    ["Riskfolio-Lib `VaR_Hist(r, alpha=0.05)`, skfolio `value_at_risk(r, beta=0.95)`", '`{ confidence: 0.95, quantile: "order" }`', "none"],
  ],
  expectedShortfall: [
    [
      "empyrical `conditional_value_at_risk(r, cutoff=0.05)`",
      '`{ confidence: 0.95, quantile: "lower", tail: "beyond" }`',
      "sign; losses equal to the VaR all count here",
    ],
    ["Riskfolio-Lib `CVaR_Hist(r, alpha=0.05)`, skfolio `cvar(r, beta=0.95)`", "`{ confidence: 0.95 }`", "none"],
    [
      'PerformanceAnalytics `ES(R, p=0.95, method="historical")`',
      '`{ confidence: 0.95, tail: "beyond" }`',
      "sign; a loss equal to the VaR does not count there",
    ],
    ['PerformanceAnalytics `ES(R, p=0.95, method="gaussian")`', '`{ confidence: 0.95, method: "gaussian", ddof: 0 }`', "sign"],
    [
      'PerformanceAnalytics `ES(R, p=0.95, method="modified")`',
      '`{ confidence: 0.95, method: "cornish_fisher", shortfall: "operational" }`',
      'sign; with operational=FALSE `shortfall: "edgeworth"`',
    ],
  ],
};

const what = { valueAtRisk: ["value at risk", "var"], expectedShortfall: ["expected shortfall", "es"] };

function section(name) {
  const [words, output] = what[name];
  return [
    `## ${name}`,
    `${words[0].toUpperCase()}${words.slice(1)} of each portfolio by the name of a method: the output \`${output}\` of the method's kernel, which tells the rest of what it finds. A loss is positive.`,
    `Calls: \`${name}(returns, options)\` of one series, \`${name}({ returns, weights }, options)\` of portfolios, \`.async\` of both with \`{ signal }\`. Without weights there is one asset, held once. The answer has the dtype of the returns.`,
    table(
      ["input", "type", "shape", "unit", "meaning"],
      [
        row(
          "`returns`",
          "Float64Array or Float32Array",
          "[scenario, assets]",
          "ratio",
          "return of each asset in each scenario, oldest first where the method counts days (checked: NaN is refused)",
        ),
        row(
          "`weights` (optional)",
          "as returns",
          "[portfolio, assets]",
          "1 or currency",
          "weight of each asset in each portfolio: shares of its value, or amounts of money (checked: NaN is refused)",
        ),
      ],
    ),
    table(
      ["option", "values", "default", "meaning"],
      [
        row("`confidence`", "number > 0.5 <= 0.999999999999", "needed", "for the worst 5 % give 0.95, not 0.05"),
        row("`method`", riskMethods.map(({ name: method }) => method).join(", "), "historical", "whose kernel computes it"),
        row("`assets`", "integer >= 1", "1", "columns of returns and of weights"),
      ],
    ),
    table(
      ["output", "type", "shape", "unit", "meaning"],
      [
        row(
          `the ${words}`,
          "as returns",
          "[portfolio]",
          "of return * weight",
          "a loss is positive, a gain negative; NaN where losses overflow",
        ),
      ],
    ),
    "Methods, their kernels with their sources and definitions, and the options that are theirs:",
    table(["method", "kernel", "options"], riskMethods.map(methodRow)),
    "`monte_carlo` here takes the mean and the covariance (ddof 1) of the returns given; `monteCarloRisk` itself takes a model.",
    "Errors, as `code`: `E_OPTION_RANGE` a method that is not known, a confidence of 0.5 or less, an option out of its range; `E_BAD_VALUE` a NaN or an infinity, with its row and column; `E_LENGTH` weights that are no whole number of portfolios; `E_TOO_FEW` no scenario, or fewer than two where a variance is needed; `E_OPTION_UNKNOWN` an option that the method does not have.",
    "Against the conventions of libraries, each computed in the tests:",
    table(
      ["there", "here", "what differs"],
      conventions[name].map((cells) => row(...cells)),
    ),
  ].join("\n\n");
}

/** By name, as the pages of the kernels are sorted. */
export const compositions = new Map(Object.keys(what).map((name) => [name, section(name)]));
