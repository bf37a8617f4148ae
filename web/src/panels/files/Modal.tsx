/** A question that must be answered first. Escape answers it with "no". It gives the focus back when it goes. */
import { type ReactNode, useLayoutEffect, useRef } from "react";

interface Props {
  readonly title: string;
  readonly children: ReactNode;
  /** The answers; the first has the focus. */
  readonly actions: ReactNode;
  readonly onCancel: () => void;
}

export function Modal({ title, children, actions, onCancel }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={box}
      className="modal"
      aria-labelledby="modal-title"
      onCancel={(event) => {
        event.preventDefault();
        onCancel();
      }}
    >
      <h2 id="modal-title">{title}</h2>
      {children}
      <div className="modal-actions">{actions}</div>
    </dialog>
  );
}
