import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useAction } from '../console/use-load.js';
import { texts } from '../texts.js';
import { FormDialog } from './dialog.js';
import { TextField } from './text-field.js';

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
    <FormDialog
      {...{ title, confirm, error, onClose }}
      look="danger"
      isDisabled={isRunning || given.trim() !== typed}
      onSubmit={() => void submit()}
    >
      <p>{text}</p>
      {typed !== '' && <TextField label={texts.dialog.type(typed)} value={given} onInput={setGiven} />}
    </FormDialog>
  );
}
