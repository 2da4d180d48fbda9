import type { WireAuditEntry } from 'agent-identity-authority-core/admin-wire';
import type { JSX } from 'preact';
import { Dialog } from '../../parts/dialog.js';
import { Problem } from '../../parts/list-table.js';
import { texts } from '../../texts.js';
import type { Api } from '../api.js';
import { useLoad } from '../use-load.js';
import { proveEntry } from './check-log.js';

/** Proves in this page that the log has an entry. */
export function ProofDialog(props: {
  readonly api: Api;
  readonly entry: WireAuditEntry;
  readonly verifierKey: string;
  readonly onClose: () => void;
}): JSX.Element {
  const { api, entry, verifierKey, onClose } = props;
  const { title, noKey, proven, close } = texts.log.proof;
  const proof = useLoad(async () => {
    if (verifierKey.trim() === '') throw new Error(noKey);
    return proveEntry(api, verifierKey.trim(), entry);
  }, [api, entry.index, verifierKey]);
  return (
    <Dialog title={title(entry.index)} onClose={onClose}>
      <Problem error={proof.error} />
      <p role="status" class={proof.value === undefined ? '' : 'note good'}>
        {proof.value && proven(entry.index, proof.value.size, proof.value.hashes)}
      </p>
      <pre>{JSON.stringify(entry, null, 2)}</pre>
      <div class="buttons">
        <button type="button" onClick={onClose}>
          {close}
        </button>
      </div>
    </Dialog>
  );
}
