import type {
  CreateEnrollmentTokenRequest,
  CreateEnrollmentTokenResponse,
} from 'agent-identity-authority-core/admin-wire';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Dialog, FormDialog } from '../../parts/dialog.js';
import { SecretOnce } from '../../parts/secret-once.js';
import { SelectField } from '../../parts/select-field.js';
import { TextField } from '../../parts/text-field.js';
import { Time } from '../../parts/time.js';
import { texts } from '../../texts.js';
import { parseLabels } from '../agents/parse-labels.js';
import type { Api } from '../api.js';
import { useAction } from '../use-load.js';

interface NewTokenProps {
  readonly api: Api;
  readonly onMade: () => void;
  readonly onClose: () => void;
}

/** Makes an enrollment token, and shows it once. */
export function NewTokenDialog(props: NewTokenProps): JSX.Element {
  const [fields, setFields] = useState(noFields);
  const [made, setMade] = useState<CreateEnrollmentTokenResponse>();
  const { error, isRunning, run } = useAction();
  const { title, submit, labels } = texts.admission.newToken;
  if (made !== undefined) return <MadeToken made={made} onClose={props.onClose} />;
  const create = async () => {
    setMade(await props.api.post('v1/admin/enrollment-tokens', toRequest(fields)));
    props.onMade();
  };
  const fieldOf = (name: keyof Fields) => ({
    label: labels[name],
    value: fields[name],
    onInput: (value: string) => setFields({ ...fields, [name]: value }),
  });
  const { onInput: onLifetime, ...lifetime } = fieldOf('lifetime');
  return (
    <FormDialog
      {...{ title, error }}
      confirm={submit}
      look="main"
      isDisabled={isRunning}
      onSubmit={() => void run(create)}
      onClose={props.onClose}
    >
      <TextField {...fieldOf('account')} isRequired />
      <TextField {...fieldOf('user')} isRequired />
      <TextField {...fieldOf('plan')} isRequired />
      <TextField {...fieldOf('capabilities')} hint={texts.admission.newToken.capabilitiesHint} />
      <TextField {...fieldOf('name')} />
      <TextField {...fieldOf('owner')} />
      <TextField {...fieldOf('labels')} hint={texts.admission.newToken.labelsHint} />
      <SelectField {...lifetime} onChange={onLifetime} options={texts.admission.newToken.lifetimes} />
    </FormDialog>
  );
}

function MadeToken(props: {
  readonly made: CreateEnrollmentTokenResponse;
  readonly onClose: () => void;
}): JSX.Element {
  const { title, text, token, expires, done } = texts.admission.made;
  return (
    <Dialog title={title} onClose={props.onClose}>
      <p>{text}</p>
      <SecretOnce secret={props.made.token} label={token} />
      <p>
        {expires} <Time at={props.made.expires_at} />
      </p>
      <div class="buttons">
        <button type="button" onClick={props.onClose}>
          {done}
        </button>
      </div>
    </Dialog>
  );
}

const noFields = {
  account: '',
  user: '',
  plan: 'unknown',
  capabilities: '',
  name: '',
  owner: '',
  labels: '',
  lifetime: '600',
};

type Fields = typeof noFields;

function toRequest(fields: Fields): CreateEnrollmentTokenRequest {
  return {
    account: {
      account_id: fields.account.trim(),
      chatgpt_user_id: fields.user.trim(),
      plan_type: fields.plan.trim(),
      is_fedramp: false,
    },
    capabilities: fields.capabilities.split(/[\s,]+/).filter((capability) => capability !== ''),
    name: fields.name.trim() || undefined,
    owner: fields.owner.trim() || undefined,
    labels: parseLabels(fields.labels),
    lifetime_seconds: Number(fields.lifetime),
  };
}
