/** The keys of a command, as caps. */
import { written } from "../../commands/keys";

interface Props {
  readonly keys: readonly string[] | undefined;
}

export function KeyCaps({ keys = [] }: Props) {
  return (
    <span className="key-caps">
      {keys.map((one) => (
        <kbd key={one}>{written(one)}</kbd>
      ))}
    </span>
  );
}
