/**
 * The mask that is being painted: a canvas as large as the picture, whose alpha says how much is masked, and what it
 * was before each stroke.
 */

/** In pixels of the picture. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface Brush {
  /** Pixels of the picture from edge to edge. */
  readonly size: number;
  /** From 0, soft from the middle on, to 1. */
  readonly hardness: number;
  readonly erases: boolean;
}

/** How many strokes can be taken back. */
const DEPTH = 32;
/** Dabs of a stroke lie this part of their size apart. */
const SPACING = 0.1;
/** Seen through on the page; what is kept is the alpha alone. */
const PAINT = "255, 0, 110";

export class MaskSheet {
  private readonly past: HTMLCanvasElement[] = [];
  private readonly future: HTMLCanvasElement[] = [];
  private readonly pen: CanvasRenderingContext2D;

  /** @param canvas as large as the picture, and empty. */
  constructor(readonly canvas: HTMLCanvasElement) {
    this.pen = penOf(canvas);
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  /** Mask what a picture leaves transparent. */
  start(alpha: CanvasImageSource): void {
    this.draw(alpha);
    this.turnOver();
  }

  /** Keep what there is, for `undo`; call it before each stroke. */
  mark(): void {
    this.past.push(copyOf(this.canvas));
    if (this.past.length > DEPTH) this.past.shift();
    this.future.length = 0;
  }

  stroke(from: Spot, to: Spot, brush: Brush): void {
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    const dabs = Math.max(1, Math.ceil(length / Math.max(1, brush.size * SPACING)));
    this.pen.globalCompositeOperation = brush.erases ? "destination-out" : "source-over";
    for (let count = 1; count <= dabs; count += 1) {
      const part = count / dabs;
      this.dab(from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part, brush);
    }
  }

  clear(): void {
    this.mark();
    this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  invert(): void {
    this.mark();
    this.turnOver();
  }

  undo(): void {
    this.swap(this.past, this.future);
  }

  redo(): void {
    this.swap(this.future, this.past);
  }

  /** A PNG of the picture's size, transparent where the mask is, as `/upload/mask` takes it. */
  async png(name: string): Promise<File> {
    const { width, height } = this.canvas;
    const sheet = Object.assign(document.createElement("canvas"), { width, height });
    const pen = penOf(sheet);
    pen.fillRect(0, 0, width, height);
    pen.globalCompositeOperation = "destination-out";
    pen.drawImage(this.canvas, 0, 0);
    const blob = await new Promise<Blob | null>((resolve) => sheet.toBlob(resolve, "image/png"));
    if (!blob) throw new Error("The browser made no PNG of the mask.");
    return new File([blob], name, { type: "image/png" });
  }

  private dab(x: number, y: number, { size, hardness }: Brush): void {
    const radius = Math.max(0.5, size / 2);
    const paint = this.pen.createRadialGradient(x, y, 0, x, y, radius);
    paint.addColorStop(0, `rgba(${PAINT}, 1)`);
    paint.addColorStop(Math.min(0.99, hardness), `rgba(${PAINT}, 1)`);
    paint.addColorStop(1, `rgba(${PAINT}, 0)`);
    this.pen.fillStyle = paint;
    this.pen.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
  }

  private turnOver(): void {
    this.pen.globalCompositeOperation = "source-out";
    this.pen.fillStyle = `rgb(${PAINT})`;
    this.pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
  }

  private swap(from: HTMLCanvasElement[], to: HTMLCanvasElement[]): void {
    const before = from.pop();
    if (!before) return;
    to.push(copyOf(this.canvas));
    this.draw(before);
  }

  private draw(image: CanvasImageSource): void {
    this.pen.globalCompositeOperation = "copy";
    this.pen.drawImage(image, 0, 0);
  }
}

function copyOf(canvas: HTMLCanvasElement): HTMLCanvasElement {
  const copy = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
  penOf(copy).drawImage(canvas, 0, 0);
  return copy;
}

function penOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("The browser gives no canvas to paint on.");
  return pen;
}
