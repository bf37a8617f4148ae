/** How far something is, as a bar. */
interface Props {
  /** From 0 to 1. */
  readonly share: number;
  readonly label: string;
}

export function Bar({ share, label }: Props) {
  return (
    <span className="bar" role="progressbar" aria-label={label} aria-valuenow={Math.round(share * 100)}>
      <span style={{ transform: `scaleX(${share})` }} />
    </span>
  );
}
