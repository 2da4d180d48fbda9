import type { RotateSigningKeyRequest } from 'agent-identity-authority-core/admin-wire';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { FormDialog } from '../../parts/dialog.js';
import { TextField } from '../../parts/text-field.js';
import { texts } from '../../texts.js';
import type { Api } from '../api.js';
import { useAction } from '../use-load.js';

/** Makes a new signing key. */
export function RotateDialog(props: {
  readonly api: Api;
  readonly onRotated: () => void;
  readonly onClose: () => void;
}): JSX.Element {
  const { api, onRotated, onClose } = props;
  const [activate, setActivate] = useState('900');
  const [overlap, setOverlap] = useState('');
  const { error, isRunning, run } = useAction();
  const { title, text, confirm, activateAfter, activateHint, overlapLabel, overlapHint } = texts.keys.rotate;
  const rotate = async () => {
    const request: RotateSigningKeyRequest = {
      activate_after_seconds: activate === '' ? undefined : Number(activate),
      overlap_seconds: overlap === '' ? undefined : Number(overlap),
    };
    await api.post('v1/admin/signing-keys/rotate', request);
    onRotated();
  };
  const submit = async () => (await run(rotate)) && onClose();
  return (
    <FormDialog
      {...{ title, confirm, error, onClose }}
      look="main"
      isDisabled={isRunning}
      onSubmit={() => void submit()}
    >
      <p>{text}</p>
      <TextField
        label={activateAfter}
        hint={activateHint}
        type="number"
        value={activate}
        onInput={setActivate}
      />
      <TextField label={overlapLabel} hint={overlapHint} type="number" value={overlap} onInput={setOverlap} />
    </FormDialog>
  );
}
