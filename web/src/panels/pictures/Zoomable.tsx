/** A picture that is zoomed by the wheel and moved by the hand. */
import { type Dispatch, type PointerEvent, type SetStateAction, useEffect, useRef } from "react";
import { t } from "../../words";
import { type Look, panned, zoomed } from "./viewing";

interface Props {
  readonly url: string;
  readonly name: string;
  readonly look: Look;
  readonly setLook: Dispatch<SetStateAction<Look>>;
}

export function Zoomable({ url, name, look, setLook }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const [x, y] = fromMiddle(event);
      setLook((before) => zoomed(before, 1.0015 ** -event.deltaY, x, y));
    };
    // React's own listener may not keep the page from scrolling.
    element?.addEventListener("wheel", wheel, { passive: false });
    return () => element?.removeEventListener("wheel", wheel);
  }, [setLook]);
  const drag = (event: PointerEvent) => {
    if (event.buttons === 1) setLook((before) => panned(before, event.movementX, event.movementY));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys and the tools of the viewer do the same.
    <div
      ref={box}
      className="zoomable"
      data-zoomed={look.zoom > 1}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onDoubleClick={(event) => {
        const [x, y] = fromMiddle(event.nativeEvent);
        setLook((before) => (before.zoom > 1 ? zoomed(before, 0) : zoomed(before, 4, x, y)));
      }}
    >
      <img
        src={url}
        alt={t("viewer.alt", { name })}
        draggable={false}
        style={{ transform: `translate(${look.x}px, ${look.y}px) scale(${look.zoom})` }}
      />
    </div>
  );
}

function fromMiddle(event: MouseEvent): [x: number, y: number] {
  if (!(event.currentTarget instanceof Element)) return [0, 0];
  const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
  return [event.clientX - left - width / 2, event.clientY - top - height / 2];
}
