import { beforeEach, expect, it } from "vitest";
import { clientId, disown, forgetOwnJobs, markOver, own, ownJobs, tabOf } from "./ownJobs";

beforeEach(() => {
  sessionStorage.clear();
  forgetOwnJobs();
});

it("remembers over a reload which document asked for a job", () => {
  own("one", "tab 1", "series");
  own("two", "tab 2");
  markOver("one");
  forgetOwnJobs();
  expect(tabOf("one")).toBe("tab 1");
  expect(ownJobs()).toEqual([
    { job: "one", tab: "tab 1", series: "series", over: true },
    { job: "two", tab: "tab 2", series: "two", over: false },
  ]);
});

it("knows nothing of jobs of others, or of those that were given up", () => {
  own("one", "tab");
  disown("one");
  expect(tabOf("one")).toBeUndefined();
});

it("keeps the same name for the server as long as the browser tab lives", () => {
  expect(clientId()).toBe(clientId());
  expect(clientId()).toMatch(/^[0-9a-f]{32}$/);
});

it("begins anew where what was stored is damaged", () => {
  sessionStorage.setItem("ldm_nodes.jobs", "{[");
  expect(ownJobs()).toEqual([]);
});
