/** The picture under its mask: the pointer paints, the other button erases, Ctrl and the wheel zoom; keys paint too. */
import { type KeyboardEvent, type PointerEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Picture } from "../../store/run";
import { t } from "../../words";
import { pictureAddress } from "../pictures";
import type { MaskTools } from "./MaskToolbar";
import type { Brush, MaskSheet, Spot } from "./sheet";

interface Props {
  readonly sheet: MaskSheet;
  readonly picture: Picture;
  readonly tools: MaskTools;
  readonly onStroke: () => void;
}

const ERASING = 2;

export function MaskArea({ sheet, picture, tools, onStroke }: Props) {
  const area = useRef<HTMLDivElement>(null);
  const paper = useRef<HTMLDivElement>(null);
  const cursor = useRef<HTMLDivElement>(null);
  const { brush, zoom, setZoom } = tools;
  const { width, height } = sheet.canvas;
  const shown = useScale(area, width, height, zoom);
  useZoomByWheel(area, shown, setZoom);
  useLayoutEffect(() => {
    paper.current?.insertBefore(sheet.canvas, cursor.current);
  }, [sheet]);
  const painting = usePainting(sheet, brush, onStroke);
  const showCursor = (at: Spot) => {
    if (cursor.current)
      cursor.current.style.transform = `translate(${at.x * shown}px, ${at.y * shown}px) translate(-50%, -50%)`;
  };
  const keys = useKeyPainting(sheet, brush, onStroke, showCursor);
  return (
    <div ref={area} className="mask-area">
      <div
        ref={paper}
        className="mask-paper"
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is painted on with keys, too.
        tabIndex={0}
        aria-label={t("mask.area")}
        style={{ width: width * shown, height: height * shown }}
        onPointerDown={(event) => painting.down(event, spotOf(event))}
        onPointerMove={(event) => {
          showCursor(spotOf(event));
          painting.move(event, spotOf);
        }}
        onPointerUp={painting.up}
        onPointerCancel={painting.up}
        onContextMenu={(event) => event.preventDefault()}
        onKeyDown={keys}
      >
        <img src={pictureAddress(picture, { channel: "rgb" })} alt="" draggable={false} />
        <div ref={cursor} className="mask-cursor" style={{ width: brush.size * shown, height: brush.size * shown }} />
      </div>
    </div>
  );

  function spotOf({ clientX, clientY }: { readonly clientX: number; readonly clientY: number }): Spot {
    const box = paper.current?.getBoundingClientRect();
    return { x: (clientX - (box?.left ?? 0)) / shown, y: (clientY - (box?.top ?? 0)) / shown };
  }
}

type Finder = (event: { readonly clientX: number; readonly clientY: number }) => Spot;

function usePainting(sheet: MaskSheet, brush: Brush, onStroke: () => void) {
  const last = useRef<Spot | null>(null);
  const used = useRef(brush);
  return {
    down: (event: PointerEvent<HTMLElement>, at: Spot) => {
      if (event.button !== 0 && event.button !== ERASING) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      used.current = event.button === ERASING ? { ...brush, erases: true } : brush;
      sheet.mark();
      sheet.stroke(at, at, used.current);
      last.current = at;
    },
    move: (event: PointerEvent<HTMLElement>, spotOf: Finder) => {
      if (!last.current) return;
      const coalesced = event.nativeEvent.getCoalescedEvents?.() ?? [];
      for (const each of coalesced.length > 0 ? coalesced : [event.nativeEvent]) {
        const to = spotOf(each);
        sheet.stroke(last.current, to, used.current);
        last.current = to;
      }
    },
    up: () => {
      if (last.current) onStroke();
      last.current = null;
    },
  };
}

/** Arrow keys move the brush, the space bar paints where it is. */
function useKeyPainting(sheet: MaskSheet, brush: Brush, onStroke: () => void, show: (at: Spot) => void) {
  const at = useRef<Spot>({ x: sheet.canvas.width / 2, y: sheet.canvas.height / 2 });
  return (event: KeyboardEvent) => {
    const far = Math.max(1, brush.size / (event.shiftKey ? 1 : 4));
    const ways: Readonly<Record<string, Spot>> = {
      ArrowLeft: { x: -far, y: 0 },
      ArrowRight: { x: far, y: 0 },
      ArrowUp: { x: 0, y: -far },
      ArrowDown: { x: 0, y: far },
    };
    const way = ways[event.key];
    if (way) {
      at.current = {
        x: clamp(at.current.x + way.x, sheet.canvas.width),
        y: clamp(at.current.y + way.y, sheet.canvas.height),
      };
      show(at.current);
    } else if (event.key === " ") {
      sheet.mark();
      sheet.stroke(at.current, at.current, brush);
      onStroke();
    } else return;
    event.preventDefault();
  };
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}

/** Pixels of the page per pixel of the picture: the zoom, or what shows all of it. */
function useScale(area: React.RefObject<HTMLElement | null>, width: number, height: number, zoom: number): number {
  const [fit, setFit] = useState(1);
  useLayoutEffect(() => {
    const box = area.current;
    if (!box) return;
    const measure = () => setFit(Math.min(box.clientWidth / width, box.clientHeight / height) || 1);
    const watch = new ResizeObserver(measure);
    measure();
    watch.observe(box);
    return () => watch.disconnect();
  }, [area, width, height]);
  return zoom || fit;
}

function useZoomByWheel(
  area: React.RefObject<HTMLElement | null>,
  shown: number,
  setZoom: (zoom: number) => void,
): void {
  useEffect(() => {
    const box = area.current;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      setZoom(Math.min(8, Math.max(0.1, shown * (event.deltaY < 0 ? 1.15 : 1 / 1.15))));
    };
    box?.addEventListener("wheel", onWheel, { passive: false });
    return () => box?.removeEventListener("wheel", onWheel);
  }, [area, shown, setZoom]);
}
