import { act, cleanup, fireEvent, render } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readCatalogue } from "../graph/catalogue";
import type { GraphNode } from "../graph/document";
import type { JsonObject } from "../graph/json";
import { readDocument } from "../graph/reading";
import { readValues } from "../graph/widgetValues";
import { activeTab, newTab, undoEdit, useTabs } from "../store/tabs";
import { flushDrafts } from "./drafts";
import { NodeFields } from "./NodeFields";

const DEFINITION = readCatalogue({
  Prompt: {
    input: { required: { text: ["STRING", { multiline: true }], steps: ["INT", { min: 1, max: 99 }] } },
    output: [],
  },
}).get("Prompt");
if (!DEFINITION) throw new Error("no class");
const definition = DEFINITION;

/** What the canvas does, a moment late: it hands the node of the document on to the card. */
function Card({ node }: { readonly node: GraphNode }) {
  return <NodeFields node={node} definition={definition} promptId="1" />;
}

function nodeNow(): GraphNode {
  return activeTab().history.present.canvas.nodes.get("1") as GraphNode;
}

function held(name: string) {
  return readValues(nodeNow(), definition).get(name);
}

function undos(): number {
  return activeTab().history.past.length;
}

beforeEach(() => {
  vi.useFakeTimers();
  const text = { nodes: [{ id: 1, type: "Prompt", widgets_values: ["a", 20] }], links: [], version: 0.4 };
  const tab = newTab("test", readDocument(text as JsonObject));
  useTabs.setState({ tabs: [tab], active: tab.id });
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function shown() {
  const page = render(<Card node={nodeNow()} />);
  return {
    text: page.getByRole("textbox") as HTMLTextAreaElement,
    steps: page.getByRole("spinbutton") as HTMLInputElement,
    tell: () => page.rerender(<Card node={nodeNow()} />),
    unmount: page.unmount,
  };
}

function type(field: HTMLElement, value: string): void {
  fireEvent.change(field, { target: { value } });
}

describe("what is typed", () => {
  it("is shown at once and written after a pause, a run of it as one undo entry", () => {
    const { text, tell } = shown();
    for (const value of ["ab", "abc", "abcd"]) {
      type(text, value);
      expect(text.value).toBe(value);
      expect(held("text")).toBe("a");
    }
    act(() => vi.advanceTimersByTime(200));
    expect(held("text")).toBe("abcd");
    expect(text.value).toBe("abcd"); // although the card was not told yet
    tell();
    type(text, "abcde");
    act(() => vi.advanceTimersByTime(200));
    tell();
    expect(undos()).toBe(1);
    act(() => vi.advanceTimersByTime(2000));
    type(text, "abcdef");
    act(() => flushDrafts());
    expect(undos()).toBe(2);
  });

  it("is written before a command, and an undo that comes before the card was told is shown", () => {
    const { text } = shown();
    type(text, "abc");
    act(() => flushDrafts());
    expect(held("text")).toBe("abc");
    act(undoEdit);
    expect(held("text")).toBe("a");
    expect(text.value).toBe("a");
  });

  it("is written when the field goes away", () => {
    const { text, unmount } = shown();
    type(text, "gone");
    unmount();
    expect(held("text")).toBe("gone");
  });

  it("goes into the document that it was typed in, though another one is seen by then", () => {
    const { text } = shown();
    const before = activeTab().id;
    type(text, "mine");
    const other = newTab("other");
    act(() => useTabs.setState(({ tabs }) => ({ tabs: [...tabs, other], active: other.id })));
    act(() => flushDrafts());
    act(() => useTabs.setState({ active: before }));
    expect(held("text")).toBe("mine");
    expect(useTabs.getState().tabs[1]?.history.past).toHaveLength(0);
  });

  it("is computed in a number, at the latest before a command, and is no edit where nothing changes", () => {
    const { steps, tell } = shown();
    fireEvent.focus(steps);
    type(steps, "6*7");
    act(() => flushDrafts());
    expect(held("steps")).toBe(42);
    tell();
    type(steps, "42");
    fireEvent.blur(steps);
    expect(undos()).toBe(1);
    type(steps, "500");
    fireEvent.blur(steps);
    expect(held("steps")).toBe(99);
  });
});
