/** The command line under wrong words, values, files and outputs. */
import { beforeAll } from "vitest";
import { requireBuilt } from "../support/cli.js";
import { attacks } from "./kit/suite.js";

beforeAll(requireBuilt);
attacks("screen", { share: 14, all: 2_000, seconds: 60, enough: 40 });
