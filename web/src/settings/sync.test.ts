import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useUi } from "../store/ui";
import { startSettings } from "./sync";

/** A server that keeps settings, and may be cut off. */
const kept: Record<string, unknown> = {};
const posted: unknown[] = [];
let isAway = false;

beforeEach(() => {
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    if (init.method !== "POST") return new Response(`{"ldm_nodes.theme": "${kept["ldm_nodes.theme"]}"}`);
    if (isAway) throw new TypeError("cut off");
    posted.push(init.body);
    const id = url.split("/").at(-1) ?? "";
    kept[id] = String(init.body).replaceAll('"', "");
    return new Response("");
  });
});

afterEach(async () => {
  useUi.setState({ theme: "system" });
  await vi.waitFor(() => expect(localStorage.getItem("ldm_nodes.unsent")).toBe(""));
  localStorage.clear();
});

afterAll(() => vi.unstubAllGlobals());

describe("a setting", () => {
  it("that the server did not get counts for more than the server's at the next start, and is sent then", async () => {
    kept["ldm_nodes.theme"] = "dark";
    await startSettings();
    expect(useUi.getState().theme).toBe("dark");
    isAway = true;
    useUi.setState({ theme: "light" });
    await vi.waitFor(() => expect(localStorage.getItem("ldm_nodes.unsent")).toBe("ldm_nodes.theme"));
    isAway = false;
    await startSettings();
    expect(useUi.getState().theme).toBe("light");
    await vi.waitFor(() => expect(kept["ldm_nodes.theme"]).toBe("light"));
    await vi.waitFor(() => expect(localStorage.getItem("ldm_nodes.unsent")).toBe(""));
  });

  it("that is changed twice arrives in this order", async () => {
    await startSettings();
    posted.length = 0;
    useUi.setState({ theme: "contrast" });
    useUi.setState({ theme: "light" });
    await vi.waitFor(() => expect(localStorage.getItem("ldm_nodes.unsent")).toBe(""));
    expect(posted.at(-1)).toBe('"light"');
    expect(kept["ldm_nodes.theme"]).toBe("light");
  });
});
