import type { VerifyAuditLogResponse } from 'agent-identity-authority-core/admin-wire';
import type { LogCheckpoint } from 'agent-identity-authority-core/log';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Problem } from '../../parts/list-table.js';
import { TextField } from '../../parts/text-field.js';
import { texts } from '../../texts.js';
import type { Api } from '../api.js';
import { useAction, useLoad } from '../use-load.js';
import { checkLog } from './check-log.js';

/** The signed state of the log. With the verifier key, this page checks the signature, and that each later one continues it. */
export function CheckpointCard(props: {
  readonly api: Api;
  /** The index of the newest entry: the checkpoint is read again when it changes. */
  readonly newest: number | undefined;
  readonly verifierKey: string;
  readonly onVerifierKey: (verifierKey: string) => void;
}): JSX.Element {
  const { api, newest, verifierKey, onVerifierKey } = props;
  const earlier = useRef<{ readonly key: string; readonly checkpoint: LogCheckpoint }>(undefined);
  const [report, setReport] = useState<VerifyAuditLogResponse>();
  const { error, isRunning, run } = useAction();
  const key = verifierKey.trim();
  const checked = useLoad(async () => {
    const kept = earlier.current?.key === key ? earlier.current.checkpoint : undefined;
    const result = await checkLog(api, key, kept);
    if (result.isSigned) earlier.current ??= { key, checkpoint: result.checkpoint };
    return result;
  }, [api, key]);
  useEffect(checked.reload, [newest]);
  const verifyAll = async () => {
    const result = await api.post<VerifyAuditLogResponse>('v1/admin/audit/verify');
    setReport(result);
    if (key === '' && result.verifier_key !== null) onVerifierKey(result.verifier_key);
  };
  const { title, keyLabel, keyHint, verify, report: reportText } = texts.log.checkpoint;
  return (
    <section class="card" aria-labelledby="checkpoint">
      <h2 id="checkpoint">{title}</h2>
      {checked.value !== undefined && <Checkpoint {...checked.value} />}
      <Problem error={checked.error} />
      <TextField label={keyLabel} hint={keyHint} value={verifierKey} onInput={onVerifierKey} />
      <div class="buttons">
        <button type="button" disabled={isRunning} onClick={() => void run(verifyAll)}>
          {verify}
        </button>
      </div>
      <Problem error={error} />
      <p role="status" class={report === undefined ? '' : `note ${report.intact ? 'good' : 'bad'}`}>
        {report === undefined ? '' : reportText(report.intact, report.entries, report.problems)}
      </p>
    </section>
  );
}

function Checkpoint({ checkpoint, isSigned, continues }: Awaited<ReturnType<typeof checkLog>>): JSX.Element {
  const { log, size, root, unchecked, signed, continued } = texts.log.checkpoint;
  const verdict = isSigned ? signed : unchecked;
  return (
    <>
      <dl class="facts">
        <div>
          <dt>{log}</dt>
          <dd class="mono">{checkpoint.origin}</dd>
        </div>
        <div>
          <dt>{size}</dt>
          <dd>{checkpoint.size}</dd>
        </div>
        <div>
          <dt>{root}</dt>
          <dd class="mono">{btoa(String.fromCharCode(...checkpoint.rootHash))}</dd>
        </div>
      </dl>
      <p class={isSigned ? 'note good' : 'note'}>
        {verdict}
        {continues === undefined ? '' : ` ${continued(continues)}`}
      </p>
    </>
  );
}
