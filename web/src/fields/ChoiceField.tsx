/** COMBO: one of a list, which may be thousands long. */
import { AfterRun } from "./AfterRun";
import { ChoiceButton } from "./ChoiceButton";
import type { FieldProps } from "./field";
import { RemoteChoice } from "./RemoteChoice";

export function ChoiceField(props: FieldProps) {
  const { remote, control } = props.row;
  return (
    <>
      {remote ? <RemoteChoice {...props} remote={remote} /> : <ChoiceButton {...props} />}
      {control && <AfterRun {...props} />}
    </>
  );
}
