/**
 * Property tests draw the same cases each time, so that a red suite means a change; PROPERTY_SEED draws others: a number, or `random`.
 * What somebody measured on this machine chooses no backend here.
 */
import fc from "fast-check";

const given = process.env.PROPERTY_SEED || "20261121";
const seed = given === "random" ? Math.floor(Math.random() * 2 ** 31) : Number(given);
if (!Number.isInteger(seed)) throw new Error(`PROPERTY_SEED is '${given}', not a whole number or 'random'`);
fc.configureGlobal({ seed });
process.env.TICKFORGE_CALIBRATION = "none";
