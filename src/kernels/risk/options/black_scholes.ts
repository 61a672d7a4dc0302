import { kernel } from "../../../core/call/kernel.js";
import { normalCdf, normalPdf } from "../../parts/special.js";
import { logReturn } from "../../parts/window.js";
import { optionInputs, sampleOptions } from "../parts/option.js";

const { exp, sqrt } = Math;
const greek = (unit: string, doc: string) => ({ dtype: "real", shape: ["option"], unit, doc }) as const;

const close = { f64: { relative: 1e-10, floor: 1e-6 }, f32: { relative: 1.5e-7, floor: 1e-4 } };

/** Prices and sensitivities of European options. */
export const blackScholes = kernel({
  name: "black_scholes",
  rows: "option",
  doc: "Black-Scholes-Merton price and seven sensitivities of European options on an asset with a continuous yield. At expiry or without volatility they are the limits: the intrinsic value, and a gamma that is infinite where the forward lies at the strike. An expired option (negative time) and a volatility over 10 (a percentage, most likely) are refused.",
  source:
    "Black & Scholes (1973), J. Polit. Econ. 81(3), eq. 13; Merton (1973), Bell J. Econ. 4(1); sensitivities as in Haug (2007), chapter 2",
  inputs: {
    ...optionInputs,
    volatility: {
      dtype: "real",
      shape: ["option"],
      check: { min: 0, max: 10 },
      unit: "per sqrt(year)",
      doc: "annual volatility of log returns, 0.2 for 20 %",
    },
  },
  params: {},
  outputs: {
    price: greek("price", "value today"),
    delta: greek("price per price", "by the spot"),
    gamma: greek("per price", "second, by the spot"),
    vega: greek("price per 1.00 of volatility", "by the volatility"),
    theta: greek("price per year", "by the passing of time: negative where the option decays"),
    rho: greek("price per 1.00 of rate", "by the rate"),
    vanna: greek("1", "by the spot and the volatility"),
    volga: greek("price per 1.00^2", "second, by the volatility"),
  },
  // Differences of two nearly equal terms where options are short and far from the money; the floor is that of a price of 1.
  compare: { price: close, delta: close, gamma: close, vega: close, theta: close, rho: close, vanna: close, volga: close },
  cost: ({ option = 0 }) => ({ flops: 260 * option, bytes: 113 * option }),
  reference({ in: { spot, strike, expiry, volatility, rate, dividendYield, call }, out }) {
    for (let i = 0; i < spot.length; i++) {
      const [s, k, t, sigma, r, q] = [spot[i]!, strike[i]!, expiry[i]!, volatility[i]!, rate?.[i] ?? 0, dividendYield?.[i] ?? 0];
      const w = call[i] === 1 ? 1 : -1;
      const deviation = sigma * sqrt(t);
      const moneyness = logReturn(k, s) + (r - q) * t;
      const still = deviation === 0; // at expiry or without volatility
      const d1 = still && moneyness === 0 ? 0 : moneyness / deviation + deviation / 2;
      const d2 = still && moneyness === 0 ? 0 : d1 - deviation;
      const height = normalPdf(d1);
      const asset = s * exp(-q * t);
      const cash = k * exp(-r * t);
      const assetPart = asset * normalCdf(w * d1);
      const cashPart = cash * normalCdf(w * d2);
      const away = height === 0; // far from the money for good: nothing moves any more
      out.price[i] = w * (assetPart - cashPart);
      out.delta[i] = (w * assetPart) / s;
      out.gamma[i] = away ? 0 : (asset * height) / (s * s * deviation);
      out.vega[i] = asset * height * sqrt(t);
      const decay = sigma === 0 || height === 0 ? 0 : (asset * height * sigma) / (2 * sqrt(t));
      out.theta[i] = -decay + w * (q * assetPart - r * cashPart);
      out.rho[i] = w * t * cashPart;
      out.vanna[i] = away ? 0 : still ? (asset * height * sqrt(t)) / (2 * s) : (-asset * height * d2) / (s * sigma);
      out.volga[i] = away || still ? 0 : (out.vega[i]! * d1 * d2) / sigma;
    }
  },
  sample: ({ option = 0 }, random) => {
    const options = sampleOptions(option, random);
    return { ...options, volatility: options.spot.map((_, i) => (i % 16 === 5 ? 0 : 0.05 * 40 ** random())) };
  },
  golden: [
    {
      source: "Hull, Options, Futures and Other Derivatives, example of the Black-Scholes-Merton chapter: 4.76 and 0.81",
      inputs: { spot: [42, 42], strike: [40, 40], expiry: [0.5, 0.5], volatility: [0.2, 0.2], rate: [0.1, 0.1], call: [1, 0] },
      outputs: { price: [4.76, 0.81] },
      relative: 5e-3,
    },
    {
      source: "the pricing formula in mpmath 1.3.0 with 60 digits, its derivatives taken numerically (mpmath.diff)",
      inputs: {
        spot: [42, 42, 100, 100, 1.25],
        strike: [40, 40, 130, 60, 1.2],
        expiry: [0.5, 0.5, 0.25, 2, 0.01],
        volatility: [0.2, 0.2, 0.15, 0.6, 0.08],
        rate: [0.1, 0.1, 0.02, -0.005, 0.03],
        dividendYield: [0, 0, 0.03, 0.01, 0.05],
        call: [1, 0, 1, 0, 0],
      },
      outputs: {
        price: [4.759422392871533, 0.8085993729000935, 0.00043793227491601355, 11.102776898760037, 3.44127144359318e-10],
        delta: [0.779131290942669, -0.22086870905733105, 0.00023612197142649957, -0.15767643689906596, -1.8689390426053585e-7],
        gamma: [0.04996267040591185, 0.04996267040591185, 0.0001179273554706133, 0.002820558435665824, 9.841115488977867e-5],
        vega: [8.813415059602852, 8.813415059602852, 0.04422275830147999, 33.84670122798989, 1.2301394361222334e-7],
        theta: [-4.559092194592626, -0.7541744965897704, -0.013021946873519175, -5.369033724040882, -4.96717798241076e-7],
        rho: [13.982045913360281, -5.042542576653999, 0.005793566216933486, -53.740841177333266, -2.3396150747002913e-9],
        vanna: [-0.9316006786136685, -0.9316006786136685, 0.021044275303054298, -0.05679928872629168, -6.241419121418899e-5],
        volga: [21.283288061014403, 21.283288061014403, 3.676459650070016, 7.959716228791468, 3.964665918137179e-5],
      },
      relative: 1e-10,
      floor: 0,
    },
  ],
  parity: [
    { dims: { option: 0 } },
    { dims: { option: 1 } },
    { dims: { option: 7 } },
    { dims: { option: 1_003 } },
    { dims: { option: 1_003 }, without: ["rate", "dividendYield"] },
  ],
  bench: [{ dims: { option: 8_192 }, label: "in cache" }, { dims: { option: 1_000_000 } }],
});
