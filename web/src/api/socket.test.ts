import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPreview } from "./socket";

function frame(kind: number, number: number, ...rest: readonly Uint8Array[]): ArrayBuffer {
  const size = rest.reduce((sum, part) => sum + part.length, 8);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, kind);
  view.setUint32(4, number);
  let at = 8;
  for (const part of rest) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes.buffer;
}

const picture = new Uint8Array([1, 2, 3]);

describe("a preview's frame", () => {
  it("may be the older one, of a type and a picture", async () => {
    const found = readPreview(frame(1, 2, picture));
    expect(found?.picture.type).toBe("image/png");
    expect(found?.picture.size).toBe(3);
    expect(found?.node).toBeUndefined();
  });

  it("may say of which job and which node it is", () => {
    const told = { display_node_id: "12", node_id: "12.0", prompt_id: "job", image_type: "image/jpeg" };
    const text = new TextEncoder().encode(JSON.stringify(told));
    expect(readPreview(frame(4, text.length, text, picture))).toMatchObject({ job: "job", node: "12" });
  });

  it("is passed over where it is a text, cut off or of another type", () => {
    expect(readPreview(frame(3, 1, picture))).toBeUndefined();
    expect(readPreview(frame(1, 7, picture))).toBeUndefined();
    expect(readPreview(frame(4, 900, picture))).toBeUndefined();
    expect(readPreview(new ArrayBuffer(3))).toBeUndefined();
  });

  it("never throws, whatever comes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(5), (bytes, kind) => {
        readPreview(frame(kind, bytes.length, bytes));
      }),
    );
  });
});
