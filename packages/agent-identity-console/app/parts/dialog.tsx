import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { texts } from '../texts.js';
import { Problem } from './list-table.js';

/** A dialog over the page. Escape closes it; focus stays inside. */
export function Dialog(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    // The dialog leaves the page while it is open, so the browser does not give the focus back.
    return () => before instanceof HTMLElement && before.focus();
  }, []);
  return (
    <dialog ref={ref} aria-labelledby={id} onClose={props.onClose}>
      <h2 id={id}>{props.title}</h2>
      {props.children}
    </dialog>
  );
}

/** A dialog with fields, a button that sends them, and one that closes it. It shows the message of the authority if it refuses. */
export function FormDialog(props: {
  readonly title: string;
  /** What the button that sends says, and how it looks. */
  readonly confirm: string;
  readonly look: 'main' | 'danger';
  readonly isDisabled: boolean;
  readonly error: string | undefined;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { title, confirm, look, isDisabled, error, onSubmit, onClose, children } = props;
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {children}
        <Problem error={error} />
        <div class="buttons">
          <button type="submit" class={look} disabled={isDisabled}>
            {confirm}
          </button>
          <button type="button" onClick={onClose}>
            {texts.dialog.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
