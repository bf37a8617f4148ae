import { describe, expect, it } from "vitest";
import { readCatalogue } from "./catalogue";
import { localized } from "./localized";

const ENTRIES = {
  KSampler: {
    display_name: "KSampler",
    input: { required: { steps: ["INT", { default: 20 }], model: ["MODEL"] }, optional: { seed: [["a", "b"]] } },
    output: ["LATENT"],
  },
  Other: { display_name: "Other", input: {} },
};

describe("names in a language", () => {
  it("are those of the pack where it has some", () => {
    const nodeDefs = {
      KSampler: { display_name: "Abtaster", inputs: { steps: { name: "Schritte", tooltip: "Wie viele" } } },
      Unknown: { display_name: "Niemand" },
    };
    const catalogue = readCatalogue(localized(ENTRIES, nodeDefs));
    const [steps, model] = catalogue.get("KSampler")?.inputs ?? [];
    expect([...catalogue.keys()]).toEqual(["KSampler", "Other"]);
    expect(catalogue.get("KSampler")?.title).toBe("Abtaster");
    expect(steps?.options).toEqual({ default: 20, display_name: "Schritte", tooltip: "Wie viele" });
    expect(model).toMatchObject({ name: "model", type: "MODEL", options: {} });
    expect(catalogue.get("KSampler")?.inputs[2]?.choices).toEqual(["a", "b"]);
  });

  it("leave everything as it is where there are none", () => {
    expect(localized(ENTRIES, undefined)).toEqual(ENTRIES);
  });
});
