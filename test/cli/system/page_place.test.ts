/** Where the page of a system is: flags before the file, the file before what is usual. */
import { describe, expect, it, vi } from "vitest";
import { pageFlags, pageWanted } from "../../../src/cli/system/page_place.js";
import type { PagePlace, Plan } from "../../../src/system/plan/plan.js";

const wanted = (flags: Record<string, string | boolean>, page?: PagePlace | false) => pageWanted(pageFlags(flags), { page } as Plan);
const file: PagePlace = { port: 9000, host: "10.0.0.1", tokenFrom: "PAGE_TOKEN", control: true };

describe("the page of a system", () => {
  it("is at 127.0.0.1, where nobody says otherwise", () => {
    expect(wanted({})).toEqual({
      port: undefined,
      asked: false,
      host: "127.0.0.1",
      token: undefined,
      tokenFrom: undefined,
      control: false,
    });
  });

  it("is where the file says, with the token of the environment", () => {
    vi.stubEnv("PAGE_TOKEN", "secret");
    expect(wanted({}, file)).toEqual({
      port: 9000,
      asked: true,
      host: "10.0.0.1",
      token: "secret",
      tokenFrom: "PAGE_TOKEN",
      control: true,
    });
    vi.stubEnv("PAGE_TOKEN", "");
    expect(() => wanted({}, file)).toThrow(expect.objectContaining({ code: "E_PAGE_TOKEN", option: "page.tokenFrom" }));
    // A flag stands in for it.
    expect(wanted({ token: "t", page: "8700" }, file)).toMatchObject({ port: 8700, host: "10.0.0.1", token: "t", tokenFrom: undefined });
    vi.unstubAllEnvs();
  });

  it("is none where the file or a flag says so, and one where a flag asks for it", () => {
    expect(wanted({}, false)).toBeUndefined();
    expect(wanted({ page: "off" }, file)).toBeUndefined();
    expect(wanted({ page: "0.0.0.0:80", token: "t" }, false)).toMatchObject({ host: "0.0.0.0", port: 80, control: false });
    expect(wanted({ page: "[::1]:8600" })).toMatchObject({ host: "::1", port: 8600 });
  });

  it.each(["x", "65536", ":9", "a:b", "-1", "1.5"])("--page %s is refused", (page) => {
    expect(() => wanted({ page })).toThrow(`--page ${page}: expected a port`);
  });
  it.each([
    ["--control", { control: true }, "only by who has a token"],
    ["an address that others reach", { page: "0.0.0.0:80" }, "page: on 0.0.0.0 without a token"],
  ])("%s without a token is refused before anything starts", (_, flags, words) => {
    expect(() => wanted(flags as Record<string, string | boolean>)).toThrow(words);
    expect(() => wanted(flags as Record<string, string | boolean>)).toThrow(expect.objectContaining({ code: "E_PAGE_TOKEN" }));
  });
  it("and so is what needs a page where there is none", () => {
    expect(() => pageFlags({ page: "off", control: true })).toThrow("--control");
    expect(() => pageFlags({ page: "off", token: "t" })).toThrow("--token");
  });
});
