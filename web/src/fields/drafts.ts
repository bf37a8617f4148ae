/**
 * What is being typed and not in the document yet.
 *
 * A field keeps what is typed to itself, so that a key costs the drawing of one field, however large the graph is. The
 * document gets it after a short pause, and at once when the field is left or a command is done (`flushDrafts`).
 */
import { useEffect, useMemo, useRef, useState } from "react";
import type { Json } from "../graph/json";
import { settleEdits, useTabs } from "../store/tabs";
import { type Place, readField, writeField } from "./writing";

/** Milliseconds without a key until the document is told. */
const PAUSE = 160;
/** Milliseconds after which it is told of someone who never pauses: what only a field knows is lost with its page. */
const LONGEST = 400;
/** Milliseconds without a key after which more typing is another entry of the undo list. */
const RUN_PAUSE = 1500;

const pending = new Set<() => void>();

/** Write everything that is typed into the documents, before something is done with them. */
export function flushDrafts(): void {
  for (const finish of [...pending]) finish();
}

export interface Draft<T> {
  /** What the field shows. */
  readonly shown: T;
  /** Take what was typed; more may follow. */
  readonly set: (value: T) => void;
  /** Take what is dragged: one undo entry until `finish`, however long it takes. */
  readonly hold: (value: T) => void;
  /** The hand has left: what follows is another entry of the undo list. */
  readonly finish: () => void;
}

/** What is typed into a field whose value the document holds as `value`. */
export function useDraft<T extends Json>(place: Place, name: string, value: T): Draft<T> {
  const [typed, setTyped] = useState<Typed<T> | null>(null);
  const ref = useRef<Drafting<T> | null>(null);
  ref.current ??= new Drafting<T>(setTyped);
  const drafting = ref.current;
  drafting.told = { place, name, value };
  // What was typed is the field's value by now, or this is the same field of another node.
  if (typed && ((typed.isWritten && value !== typed.told.value) || !isSame(typed.told.place, place))) setTyped(null);
  useEffect(() => drafting.end, [drafting]);
  return useMemo(
    () => ({ shown: typed ? typed.value : value, set: drafting.set, hold: drafting.hold, finish: drafting.finish }),
    [typed, value, drafting],
  );
}

function isSame(left: Place, right: Place): boolean {
  return left.tab === right.tab && left.promptId === right.promptId;
}

/** Text that means something only when it is finished, such as a sum. */
export interface TypedText {
  /** Null while nothing is typed. */
  readonly text: string | null;
  readonly type: (text: string) => void;
  /** Hand it to `keep`. */
  readonly enter: () => void;
  /** Forget it. */
  readonly drop: () => void;
}

/** @param keep takes the finished text: when the field is left, and before a command is done. */
export function useTyped(keep: (text: string) => void): TypedText {
  const [text, setText] = useState<string | null>(null);
  const now = useRef({ text, keep });
  now.current.keep = keep;
  const actions = useMemo(() => {
    const put = (next: string | null) => {
      now.current.text = next;
      setText(next);
      if (next === null) pending.delete(enter);
      else pending.add(enter);
    };
    const enter = () => {
      const typed = now.current.text;
      put(null);
      if (typed !== null) now.current.keep(typed);
    };
    return { type: (next: string) => put(next), enter, drop: () => put(null) };
  }, []);
  useEffect(() => actions.enter, [actions]);
  return useMemo(() => ({ text, ...actions }), [text, actions]);
}

/** Which field it is and what it was told to show. */
interface Told<T> {
  readonly place: Place;
  readonly name: string;
  readonly value: T;
}

interface Typed<T> {
  readonly value: T;
  /** As the field was when it was typed. */
  readonly told: Told<T>;
  /** The document has it already; the field is told a moment later. */
  readonly isWritten: boolean;
}

/** One field's typing: its timers, and when it is written. */
class Drafting<T extends Json> {
  told: Told<T> | undefined;
  private typed: Typed<T> | undefined;
  private pause = 0;
  /** When the first key was typed that is not written. */
  private since: number | undefined;
  private run = 0;
  private unwatch: (() => void) | undefined;

  constructor(private readonly show: (typed: Typed<T> | null) => void) {}

  readonly set = (value: T): void => {
    this.hold(value);
    this.run = window.setTimeout(this.finish, RUN_PAUSE);
  };

  readonly hold = (value: T): void => {
    if (!this.told) return;
    this.stop();
    this.typed = { value, told: this.told, isWritten: false };
    this.show(this.typed);
    pending.add(this.finish);
    this.since ??= Date.now();
    this.pause = window.setTimeout(this.write, Math.max(0, Math.min(PAUSE, this.since + LONGEST - Date.now())));
  };

  readonly finish = (): void => {
    if (!pending.delete(this.finish)) return;
    const tab = (this.typed?.told ?? this.told)?.place.tab;
    this.stop();
    this.write();
    settleEdits(tab);
  };

  /** The field is gone. */
  readonly end = (): void => {
    this.finish();
    this.stop();
  };

  private readonly write = (): void => {
    const { typed } = this;
    if (!typed) return;
    this.typed = undefined;
    this.since = undefined;
    this.show({ ...typed, isWritten: true });
    writeField(typed.told.place, typed.told.name, typed.value);
    this.unwatch?.();
    this.unwatch = useTabs.subscribe(() => this.check(typed));
    this.check(typed);
  };

  /** The document holds something else: an undo before the field was told, which must not go on showing what was. */
  private check({ told, value }: Typed<T>): void {
    if (readField(told.place, told.name) === value) return;
    this.unwatch?.();
    if (!this.typed) this.show(null);
  }

  private stop(): void {
    window.clearTimeout(this.pause);
    window.clearTimeout(this.run);
    this.unwatch?.();
  }
}
