import type { RevokeAgentsRequest, RevokedAgents } from 'agent-identity-authority-core/admin-wire';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Dialog, FormDialog } from '../../parts/dialog.js';
import { TextField } from '../../parts/text-field.js';
import { texts } from '../../texts.js';
import type { Api } from '../api.js';
import { useAction } from '../use-load.js';
import { parseLabels } from './parse-labels.js';

interface RevokeManyProps {
  readonly api: Api;
  readonly filter: Readonly<Record<string, string>>;
  readonly onRevoked: () => void;
  readonly onClose: () => void;
}

/** Counts the agents that fit, and revokes them when the user has typed their number. */
export function RevokeManyDialog(props: RevokeManyProps): JSX.Element {
  const { fieldOf, count, typed, setTyped, revoked, error, isRunning, submit } = useRevokeMany(props);
  const { title, text, account, user, labels, labelsHint, before } = texts.agents.revokeMany;
  const { countAgents, counted, type, confirm } = texts.agents.revokeMany;
  const { onClose } = props;
  if (revoked !== undefined) return <Done revoked={revoked} onClose={onClose} />;
  const isCounted = count !== undefined && count > 0;
  return (
    <FormDialog
      {...{ title, error, onClose }}
      confirm={isCounted ? confirm : countAgents}
      look={isCounted ? 'danger' : 'main'}
      isDisabled={isRunning || (isCounted && typed.trim() !== String(count))}
      onSubmit={submit}
    >
      <p>{text}</p>
      <TextField label={account} {...fieldOf('account_id')} />
      <TextField label={user} {...fieldOf('chatgpt_user_id')} />
      <TextField label={labels} hint={labelsHint} {...fieldOf('labels')} />
      <TextField label={before} type="datetime-local" {...fieldOf('created_before')} />
      <p role="status">{count === undefined ? '' : counted(count)}</p>
      {isCounted && <TextField label={type(count)} value={typed} onInput={setTyped} />}
    </FormDialog>
  );
}

function useRevokeMany({ api, filter, onRevoked }: RevokeManyProps) {
  const [fields, setFields] = useState({
    account_id: filter['account_id'] ?? '',
    chatgpt_user_id: filter['chatgpt_user_id'] ?? '',
    labels: filter['label'] ?? '',
    created_before: '',
  });
  const [count, setCount] = useState<number>();
  const [typed, setTyped] = useState('');
  const [revoked, setRevoked] = useState<number>();
  const { error, isRunning, run } = useAction();
  const post = (body: RevokeAgentsRequest) => api.post<RevokedAgents>('v1/admin/agents/revoke', body);
  const submit = () => {
    void run(async () => {
      const selector = toSelector(fields);
      if (!count) return setCount((await post({ ...selector, dry_run: true })).matching);
      setRevoked((await post({ ...selector, expected_count: count })).revoked);
      onRevoked();
    });
  };
  // A count belongs to the fields that it was made with.
  const fieldOf = (name: keyof typeof fields) => ({
    value: fields[name],
    onInput(value: string) {
      setFields({ ...fields, [name]: value });
      setCount(undefined);
      setTyped('');
    },
  });
  return { fieldOf, count, typed, setTyped, revoked, error, isRunning, submit };
}

function Done(props: { readonly revoked: number; readonly onClose: () => void }): JSX.Element {
  const { title, done, close } = texts.agents.revokeMany;
  return (
    <Dialog title={title} onClose={props.onClose}>
      <p role="status">{done(props.revoked)}</p>
      <div class="buttons">
        <button type="button" onClick={props.onClose}>
          {close}
        </button>
      </div>
    </Dialog>
  );
}

/** The time of the field is UTC, like every time in the console. */
function toSelector(fields: {
  readonly account_id: string;
  readonly chatgpt_user_id: string;
  readonly labels: string;
  readonly created_before: string;
}): RevokeAgentsRequest {
  const { account_id, chatgpt_user_id, labels, created_before } = fields;
  return {
    account_id: account_id.trim() || undefined,
    chatgpt_user_id: chatgpt_user_id.trim() || undefined,
    labels: parseLabels(labels),
    created_before: created_before === '' ? undefined : new Date(`${created_before}Z`).toISOString(),
  };
}
