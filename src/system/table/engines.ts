/** The table of engines: the system file's `engine` is a name of it. */
import type { AnyEngine } from "../kit/engine.js";
import { analytics } from "./analytics.js";
import { collateral } from "./collateral.js";
import { factor } from "./factor.js";
import { features } from "./features.js";
import { gateway } from "./gateway.js";
import { marketData } from "./market_data.js";
import { monitor } from "./monitor.js";
import { recorder } from "./recorder.js";
import { risk } from "./risk.js";
import { toxicity } from "./toxicity.js";

export const engines: Readonly<Record<string, AnyEngine>> = { market_data: marketData, toxicity, features, risk, factor, collateral, analytics, recorder, monitor, gateway };
