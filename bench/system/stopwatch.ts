export { stopwatch as default } from "./engines.js";
