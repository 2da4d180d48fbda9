import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useAction } from '../console/use-load.js';
import { texts } from '../texts.js';
import { TextField } from './text-field.js';

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

/** Asks before a change. Stays open with the message of the authority if it refuses. */
export function ConfirmDialog(props: {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  /** What the user must type. Default: nothing. */
  readonly typed?: string | undefined;
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
}): JSX.Element {
  const { title, text, confirm, typed = '', onConfirm, onClose } = props;
  const [given, setGiven] = useState('');
  const { error, isRunning, run } = useAction();
  const submit = async () => {
    if (given.trim() === typed && (await run(onConfirm))) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <p>{text}</p>
        {typed !== '' && <TextField label={texts.dialog.type(typed)} value={given} onInput={setGiven} />}
        <p role="alert" class={error === undefined ? '' : 'note bad'}>
          {error}
        </p>
        <div class="buttons">
          <button type="submit" class="danger" disabled={isRunning || given.trim() !== typed}>
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
